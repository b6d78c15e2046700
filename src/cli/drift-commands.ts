/** `tandem drift …`: compare the masters, see what differs, repair it or accept it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FindingFilter } from '../drift/findings.ts';
import type { Drift } from '../drift/index.ts';
import type { Finding, FindingState } from '../drift/model.ts';
import { Invalid } from '../errors.ts';
import { exits } from './exit.ts';
import { type Context, cliActor, type Said } from './operation-commands.ts';
import { plain, table } from './render.ts';

const stepMs = 500;

function seconds(value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  const given = Number(value);
  if (value === '' || !(given >= 0 && given <= 86_400))
    throw new Invalid('--wait is wrong.', [{ path: '--wait', message: 'Give seconds from 0 to 86400.' }]);
  return given;
}

function time(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

/** `tandem drift scan [--account NAME] [--wait SECONDS]`: a worker does it; this follows it. */
export function driftScan(context: Context): Promise<Said> {
  const { cli, values } = context;
  const until = cli.now() + seconds(values['wait'], 600) * 1000;
  const account = values['account'];
  return typeof account === 'string' ? scanOne(context, account, until) : scanAll(context, until);
}

async function scanOne({ cli, parts }: Context, account: string, until: number): Promise<Said> {
  await parts.drift.scanAccount(account, cliActor(cli.env));
  let waits = await parts.drift.isDue(account);
  while (waits && cli.now() < until) {
    await delay(stepMs);
    waits = await parts.drift.isDue(account);
  }
  const findings = await parts.drift.list({ account, state: 'open' });
  const note = waits ? `${plain(account)} was not compared yet. Is a worker running?\n` : '';
  const exit = waits ? exits.waiting : exits.done;
  return { json: { account, waits, findings }, text: `${note}${listText(findings)}`, exit };
}

async function scanAll({ cli, parts }: Context, until: number): Promise<Said> {
  const id = await parts.drift.scan(cliActor(cli.env));
  let run = await parts.drift.run(id);
  while (run !== undefined && run.state !== 'done' && cli.now() < until) {
    await delay(stepMs);
    run = await parts.drift.run(id);
  }
  if (run?.state === 'done') return { json: run, text: `${run.sentence}\n`, exit: exits.done };
  return { json: run, text: `${run?.sentence ?? ''}\nIt goes on. See: tandem drift list\n`, exit: exits.waiting };
}

const states: readonly string[] = ['open', 'repairing', 'repaired', 'accepted', 'gone'];

function filterOf(values: Context['values']): FindingFilter {
  const { state, kind, account, master, limit } = values;
  if (typeof state === 'string' && state !== 'all' && !states.includes(state))
    throw new Invalid('--state is wrong.', [{ path: '--state', message: `Use ${states.join(', ')} or all.` }]);
  return {
    // Checked above.
    ...(state === 'all' ? {} : { state: (typeof state === 'string' ? state : 'open') as FindingState }),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof account === 'string' ? { account } : {}),
    ...(typeof master === 'string' ? { master } : {}),
    limit: typeof limit === 'string' && Number(limit) > 0 ? Number(limit) : 100,
  };
}

function listText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'No differences are known.\n';
  const rows = findings.map((f) => [
    f.id,
    f.kind,
    f.account ?? '',
    f.state,
    time(f.firstSeen),
    f.origin ?? 'unknown',
    f.sentence,
  ]);
  return table(['ID', 'KIND', 'ACCOUNT', 'STATE', 'SINCE (UTC)', 'TOUCHED BY', 'DIFFERENCE'], rows);
}

export async function driftList({ parts, values }: Context): Promise<Said> {
  const findings = await parts.drift.list(filterOf(values));
  return { json: { findings }, text: listText(findings), exit: exits.done };
}

function named(context: Context): readonly string[] {
  const ids = context.positionals.slice(2);
  if (ids.length === 0) throw new Invalid('The difference is missing.', [], { hint: 'See: tandem drift list' });
  return ids;
}

function sidesText(finding: Finding): string {
  const masters = finding.sides.map((s) => s.master);
  const fields = [...new Set(finding.sides.flatMap((s) => Object.keys(s.value ?? {})))];
  const cell = (side: Finding['sides'][number], field: string) =>
    side.value === undefined ? '(not there)' : (side.value[field] ?? '');
  const rows = fields.map((field) => [field, ...finding.sides.map((s) => cell(s, field))]);
  return rows.length === 0 ? '' : table(['', ...masters.map((m) => m.toUpperCase())], rows);
}

export async function driftShow(context: Context): Promise<Said> {
  const [id = ''] = named(context);
  const finding = await context.parts.drift.show(id);
  const facts = `${plain(finding.sentence)}\n${finding.state}, since ${time(finding.firstSeen)} UTC, last seen ${time(finding.lastSeen)} UTC, touched last by ${finding.origin ?? 'nobody that Tandem knows'}.\n`;
  const { each } = await context.parts.drift.preview([id], undefined);
  const [plan] = each;
  const what =
    plan === undefined || plan.objections.length > 0
      ? plan?.objections.join('\n')
      : `Repair, following ${plan.from}: ${plan.steps.map((s) => s.sentence).join('; ')}.`;
  return {
    json: { ...finding, repair: plan },
    text: `${facts}${sidesText(finding)}${plain(what ?? '')}\n`,
    exit: exits.done,
  };
}

function outcomeRows(outcomes: Awaited<ReturnType<Drift['repair']>>): readonly (readonly string[])[] {
  return outcomes.map((o) => [
    o.finding,
    o.objections.length > 0 ? 'not repaired' : 'being repaired',
    o.operations.join(' '),
    o.objections.join(' '),
  ]);
}

/** `tandem drift repair ID… [--from MASTER] [--dry-run] [--yes-many]`. */
export async function driftRepair(context: Context): Promise<Said> {
  const { parts, values, cli } = context;
  const ids = named(context);
  const from = typeof values['from'] === 'string' ? values['from'] : undefined;
  const meant = values['yes-many'] === true;
  if (values['dry-run'] === true) {
    const previews = await parts.drift.preview(ids, from, meant);
    const rows = previews.each.map((p) => [
      p.finding.id,
      p.from,
      p.objections.length > 0 ? p.objections.join(' ') : p.steps.map((s) => s.sentence).join('; '),
    ]);
    return { json: previews, text: table(['ID', 'FOLLOWS', 'WOULD'], rows), exit: exits.done };
  }
  const outcomes = await parts.drift.repair({
    ids,
    ...(from === undefined ? {} : { from }),
    meant,
    actor: cliActor(cli.env),
    door: 'cli',
  });
  const exit = outcomes.some((o) => o.objections.length > 0) ? exits.refused : exits.done;
  return { json: { outcomes }, text: table(['ID', 'STATE', 'OPERATIONS', ''], outcomeRows(outcomes)), exit };
}

export async function driftAccept(context: Context): Promise<Said> {
  const findings = await context.parts.drift.accept(named(context), cliActor(context.cli.env), 'cli');
  return { json: { findings }, text: listText(findings), exit: exits.done };
}

/** `tandem drift certificates`: whether they are in step, and which end soon. Exit 1 where somebody must act. */
export async function driftCertificates({ parts }: Context): Promise<Said> {
  const state = await parts.drift.certificates();
  const compared = state.at === undefined ? 'never compared' : `compared ${time(state.at)} UTC`;
  const head = state.inStep ? 'The same on all masters' : `${state.differing} differ`;
  const rows = state.ending.map(({ name, master, account, until }) => [name, master, account ?? '', time(until)]);
  const ending =
    rows.length === 0 ? 'None ends within 21 days.\n' : table(['NAME', 'ON', 'ACCOUNT', 'ENDS (UTC)'], rows);
  const fine = state.inStep && rows.length === 0;
  return { json: state, text: `${head}, ${compared}.\n${ending}`, exit: fine ? exits.done : exits.refused };
}

/** `tandem adopt ACCOUNT --from MASTER`: follows every step, and says what could not be carried. */
export async function adoptAccount({ cli, parts, positionals, values }: Context, from: string): Promise<Said> {
  const account = positionals[1];
  if (account === undefined)
    throw new Invalid('The account is missing.', [], { hint: 'tandem adopt ACCOUNT --from m1' });
  const adopted = await parts.drift.adopt({
    account,
    from,
    actor: cliActor(cli.env),
    door: 'cli',
    progress: (sentence) => void (values['json'] === true || cli.stderr.write(`${plain(sentence)}\n`)),
  });
  const list = (lines: readonly string[]) => lines.map((line) => `  ${plain(line)}\n`).join('');
  const text = `Carried:\n${list(adopted.carried.length > 0 ? adopted.carried : ['nothing was missing'])}Left for you:\n${list(adopted.left)}`;
  return { json: adopted, text, exit: exits.done };
}
