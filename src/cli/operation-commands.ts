import type { Action } from '../actions/define.ts';
import type { Actor } from '../auth/actor.ts';
import { Invalid, NotFound } from '../errors.ts';
import type { Accepted, Choice, OperationFilter, OperationView, Request } from '../operations/model.ts';
import { type Exit, exitOfOperation, exits } from './exit.ts';
import { flagsOf, paramsOf, type SecretSource, type Values } from './flags.ts';
import type { Cli, Parts } from './parts.ts';
import { operationsText, operationText, table } from './render.ts';

/** What a command says: the document for --json, the text for people, and the exit code. */
export interface Said {
  readonly json: unknown;
  readonly text: string;
  readonly exit: Exit;
}

/** What a command works with. */
export interface Context {
  readonly cli: Cli;
  readonly parts: Parts;
  readonly values: Values;
  readonly positionals: readonly string[];
  readonly secrets: SecretSource;
}

/** Whoever reads the journal's files and its key may do everything; the name goes into the audit trail. */
export function cliActor(env: Cli['env']): Actor {
  return {
    kind: 'person',
    name: env['SUDO_USER'] ?? env['USER'] ?? 'root',
    scope: 'all',
    role: 'owner',
    address: 'local',
  };
}

const defaultSeconds = 60;
const mostSeconds = 86_400;

/** Seconds that the caller wants to wait; `asked` when they said so themselves. */
function patience(values: Values): { readonly ms: number; readonly asked: boolean } {
  if (values['no-wait'] === true) return { ms: 0, asked: true };
  const given = values['wait'];
  if (typeof given !== 'string') return { ms: defaultSeconds * 1000, asked: false };
  const seconds = Number(given);
  if (given === '' || !Number.isFinite(seconds) || seconds < 0 || seconds > mostSeconds) {
    throw new Invalid('--wait is wrong.', [{ path: '--wait', message: `Give seconds from 0 to ${mostSeconds}.` }]);
  }
  return { ms: seconds * 1000, asked: true };
}

const settledLegs: readonly string[] = ['done', 'skipped', 'refused', 'withdrawn'];

/** Final, or with nothing to hope for: what is left is on hold, or (unless told to wait) waits for something else. */
function isOver(view: OperationView, asked: boolean): boolean {
  if (view.state === 'done' || view.state === 'refused' || view.state === 'withdrawn') return true;
  const open = view.legs.filter((leg) => !settledLegs.includes(leg.state));
  if (view.state === 'accepted' && !open.every((leg) => leg.state === 'held')) return false;
  return open.every((leg) => leg.state === 'held' || (!asked && leg.waitsFor !== undefined));
}

/** Rewrites the last view in place on a terminal. */
function liveView(cli: Cli, json: boolean): (view: OperationView) => void {
  let lines = 0;
  let last = '';
  return (view) => {
    const text = operationText(view);
    if (json || cli.stdout.isTTY !== true || text === last) return;
    cli.stdout.write(`${lines === 0 ? '' : `\u001b[${lines}A\u001b[J`}${text}`);
    lines = text.split('\n').length - 1;
    last = text;
  };
}

const sliceMs = 500;

/** Waits for both masters, showing both legs while it does. */
export async function follow(context: Context, { id }: Accepted): Promise<Said> {
  const { cli, parts, values } = context;
  const { ms, asked } = patience(values);
  const show = liveView(cli, values['json'] === true);
  const end = cli.now() + ms;
  let view = await parts.operations.wait(id, 'final', 0);
  show(view);
  for (let left = ms; left > 0 && !isOver(view, asked); left = end - cli.now()) {
    view = await parts.operations.wait(id, 'final', Math.min(sliceMs, left));
    show(view);
  }
  const exit = values['no-wait'] === true && view.state === 'accepted' ? exits.done : exitOfOperation(view);
  // On a terminal the live view has just said it.
  const shown = cli.stdout.isTTY === true && values['json'] !== true;
  return { json: view, text: shown ? '' : operationText(view), exit };
}

/** `tandem mailbox add --address … `: one action as an operation. */
export async function act(context: Context, action: Action): Promise<Said> {
  const { cli, parts, values } = context;
  patience(values);
  const params = await paramsOf(flagsOf(action), values, context.secrets);
  const key = values['idempotency-key'];
  const request: Request = {
    action: action.id,
    params,
    actor: cliActor(cli.env),
    door: 'cli',
    ...(typeof key === 'string' ? { idempotencyKey: key } : {}),
    ...(values['queue'] === true ? { queue: true } : {}),
  };
  if (values['dry-run'] === true) return await dryRun(parts, request);
  return await follow(context, await parts.operations.accept(request));
}

async function dryRun(parts: Parts, request: Request): Promise<Said> {
  const plans = await parts.operations.dryRun(request);
  const rows = plans.flatMap(({ master, sentence, calls }) => [[master, sentence], ...calls.map((call) => ['', call])]);
  return { json: { dryRun: plans }, text: `Nothing was done.\n${table(['MASTER', 'WOULD'], rows)}`, exit: exits.done };
}

const states = ['accepted', 'following', 'undecided', 'done', 'refused', 'withdrawn', 'open', 'held'] as const;

function filterOf(values: Values): OperationFilter {
  const { state, account, action, before, limit } = values;
  const known = states.find((word) => word === state);
  if (state !== undefined && known === undefined)
    throw new Invalid('--state is wrong.', [{ path: '--state', message: `Use ${states.join(', ')}.` }]);
  const count = limit === undefined ? 50 : Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new Invalid('--limit is wrong.', [{ path: '--limit', message: 'Give a number from 1 to 1000.' }]);
  return {
    limit: count,
    ...(known === undefined ? {} : { state: known }),
    ...(typeof account === 'string' ? { account } : {}),
    ...(typeof action === 'string' ? { action } : {}),
    ...(typeof before === 'string' ? { before } : {}),
  };
}

export async function listOperations({ parts, values }: Context): Promise<Said> {
  const views = await parts.operations.list(filterOf(values));
  return { json: { operations: views }, text: operationsText(views), exit: exits.done };
}

function argument(context: Context, at: number, name: string): string {
  const value = context.positionals[at];
  if (value === undefined || value === '') throw new Invalid(`${name} is missing.`, [], { hint: 'See: tandem help' });
  return value;
}

async function existing({ parts }: Context, id: string): Promise<OperationView> {
  const view = await parts.operations.get(id);
  if (view !== undefined) return view;
  throw new NotFound(`There is no operation ${id.slice(0, 64)}.`, { hint: 'See: tandem operations' });
}

/** `tandem operation ID`: waits only when asked to. */
export async function showOperation(context: Context): Promise<Said> {
  const id = argument(context, 1, 'The operation ID');
  const view = await existing(context, id);
  if (context.values['wait'] !== undefined) return await follow(context, view);
  return { json: view, text: operationText(view), exit: exitOfOperation(view) };
}

/** `tandem retry|adopt|skip|undo ID MASTER`. Exits 0 when the choice was taken. */
export async function choose(context: Context, choice: Choice): Promise<Said> {
  const id = argument(context, 1, 'The operation ID');
  const typed = argument(context, 2, 'The master');
  const known = await existing(context, id);
  // M2 is what people read and m2 what the journal calls it.
  const master = known.legs.find((leg) => leg.master.toLowerCase() === typed.toLowerCase())?.master ?? typed;
  const view = await context.parts.operations.choose(id, master, choice, cliActor(context.cli.env));
  if (context.values['wait'] !== undefined) return await follow(context, view);
  return { json: view, text: operationText(view), exit: exits.done };
}

export async function withdraw(context: Context): Promise<Said> {
  const { id } = await existing(context, argument(context, 1, 'The operation ID'));
  const view = await context.parts.operations.withdraw(id, cliActor(context.cli.env));
  return { json: view, text: operationText(view), exit: view.state === 'withdrawn' ? exits.done : exits.refused };
}
