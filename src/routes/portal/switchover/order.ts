import { type Request, type Response, Router } from 'express';
import { has } from '../../../auth/roles.ts';
import { NotFound } from '../../../errors.ts';
import type { CommandInput, CommandResult } from '../../../failover/control/schema.ts';
import type { Looked, WatchDesk } from '../../../failover/portal/desk.ts';
import type { GateKey } from '../../../failover/return-gate.ts';
import { gateNames } from '../../../failover/watch/gate.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, mustBeSure, problemOf, sendSheet, submitted } from '../forms.ts';
import { namesOf, readerOf } from '../frame.ts';
import { sendLive } from '../live.ts';
import type { FormField } from '../present/form.ts';
import { ago } from '../present/time.ts';
import type { Block, Sheet } from '../sheet.ts';
import { sureField } from '../sure.ts';
import { actorIn, mustHave } from '../who.ts';

/** PREPARE, SWITCH and RETURN: first what would happen, then, once more sure, the order; audited before and after. */

type Verb = 'prepare' | 'switch' | 'return';

interface Wanted {
  readonly verb: Verb;
  readonly master: string;
}

const gateKeys = Object.keys(gateNames) as readonly GateKey[];

export function orderRoutes(parts: PortalParts, desk: WatchDesk): Router {
  const router = Router();
  const wanted = (verb: Verb, request: Request): Wanted => {
    const { master } = request.params;
    if (!parts.masters.list.some(({ id }) => id === master)) throw new NotFound(parts.say('switchover.no-master'));
    return { verb, master: String(master) };
  };
  router.get('/switchover/prepare/:master', (request, response) =>
    sendOrder(parts, desk, wanted('prepare', request), request, response),
  );
  for (const verb of ['switch', 'return'] as const) {
    router.get(`/switchover/${verb}/:master`, (request, response) => {
      mustHave(actorIn(request), 'switchover');
      return sendOrder(parts, desk, wanted(verb, request), request, response);
    });
    router.post(`/switchover/${verb}/:master`, (request, response) =>
      give(parts, desk, wanted(verb, request), request, response),
    );
  }
  return router;
}

function headingOf({ say, ...parts }: PortalParts, { verb, master }: Wanted): string {
  const name = parts.masters.list.find(({ id }) => id === master)?.name ?? master;
  if (verb === 'prepare') return say('switchover.prepare', { from: name });
  return verb === 'switch' ? say('switchover.do-switch', { from: name }) : say('switchover.do-return', { to: name });
}

/** What a watcher's answer carries beside its words, as far as the form needs it. */
function dataOf(result: CommandResult): { readonly closed: readonly GateKey[]; readonly vetoed: boolean } {
  const { data } = result;
  const closed = typeof data === 'object' && data !== null && 'closed' in data ? data.closed : [];
  const vetoes = typeof data === 'object' && data !== null && 'vetoes' in data ? data.vetoes : [];
  const words: readonly unknown[] = Array.isArray(closed) ? closed : [];
  return { closed: gateKeys.filter((key) => words.includes(key)), vetoed: Array.isArray(vetoes) && vetoes.length > 0 };
}

function foreseen(parts: PortalParts, looked: Looked): readonly Block[] {
  const { say } = parts;
  if (looked.kind === 'asking') return [{ kind: 'unread', text: say('switchover.asking') }];
  if (looked.kind === 'silent') return [{ kind: 'text', text: looked.why, tone: 'danger' }];
  const { sentence, lines, exit } = looked.result;
  const age = ago(new Date(looked.at).toISOString(), readerOf(parts)).text;
  return [
    { kind: 'heading', text: say('switchover.foreseen') },
    { kind: 'text', text: sentence, tone: exit === 'done' ? 'note' : 'danger' },
    ...lines.map((text): Block => ({ kind: 'text', text })),
    { kind: 'text', text: say('switchover.looked', { age, watcher: looked.from }), tone: 'meta' },
  ];
}

/** Words that go against something are asked for only where something stands against it. */
async function fieldsOf(parts: PortalParts, request: Request, looked: Looked): Promise<readonly FormField[]> {
  const { say } = parts;
  const check = (name: string, label: string): FormField => ({
    name,
    label,
    input: 'checkbox',
    required: false,
    default: '',
  });
  const sure = await sureField(parts, request);
  const known = looked.kind === 'answered' ? dataOf(looked.result) : { closed: [], vetoed: true };
  return [
    ...known.closed.map((key) => check(`override-${key}`, say('switchover.override', { gate: gateNames[key] }))),
    ...(known.vetoed ? [check('secondWord', say('switchover.second-word'))] : []),
    check('confirmed', say('switchover.confirmed')),
    ...(sure === undefined ? [] : [sure]),
  ];
}

async function sendOrder(
  parts: PortalParts,
  desk: WatchDesk,
  wanted: Wanted,
  request: Request,
  response: Response,
  error?: Parameters<typeof problemOf>[0],
): Promise<void> {
  const { say } = parts;
  const actor = actorIn(request);
  const looked = desk.look(wanted.verb === 'return' ? 'return' : 'switch', wanted.master, actor.name);
  const orders = wanted.verb !== 'prepare' && has(actor.role, 'switchover') && looked.kind !== 'asking';
  const fields = orders ? await fieldsOf(parts, request, looked) : [];
  const form: Block = {
    kind: 'form',
    action: `/switchover/${wanted.verb}/${encodeURIComponent(wanted.master)}`,
    fields: fieldsFor(parts, fields, bodyOf(request), issuesOf(error)),
    button: headingOf(parts, wanted),
    danger: true,
  };
  const sheet: Sheet = {
    heading: headingOf(parts, wanted),
    trail: { label: say('switchover.title'), href: '/switchover' },
    ...(error === undefined ? {} : { problem: problemOf(error, fields) }),
    blocks: [...foreseen(parts, looked), ...(orders ? [form] : [])],
  };
  return error === undefined
    ? sendLive(parts, request, response, sheet)
    : sendSheet(parts, request, response, sheet, error);
}

function commandOf({ verb, master }: Wanted, by: string, body: Readonly<Record<string, string>>): CommandInput {
  const said = { secondWord: body['secondWord'] === 'on', confirmed: body['confirmed'] === 'on' };
  if (verb === 'return') {
    const override = gateKeys.filter((key) => body[`override-${key}`] === 'on');
    return { command: 'return', by, to: master, ...said, override };
  }
  return { command: 'switch', by, from: master, ...said };
}

async function give(
  parts: PortalParts,
  desk: WatchDesk,
  wanted: Wanted,
  request: Request,
  response: Response,
): Promise<void> {
  const { verb, master } = wanted;
  return submitted(
    response,
    async () => {
      const actor = actorIn(request);
      mustHave(actor, 'switchover');
      await mustBeSure(parts, request);
      const command = commandOf(wanted, actor.name, bodyOf(request));
      const words = Object.entries(command).flatMap(([key, value]) =>
        value === true || (Array.isArray(value) && value.length > 0) ? [`${key} ${String(value)}`] : [],
      );
      // Before it is said: whatever becomes of it, it is known who wanted it.
      await parts.auth.audit({ actor, event: `switchover.${verb}`, subject: master, detail: words.join(', ') });
      const result = await desk.tell(command);
      await parts.auth.audit({
        actor,
        event: `switchover.${verb}-answer`,
        subject: master,
        detail: `${result.exit}: ${result.sentence}`.slice(0, 250),
      });
      await sendSheet(parts, request, response, resultSheet(parts, wanted, result));
      return undefined;
    },
    (error) => sendOrder(parts, desk, wanted, request, response, error),
  );
}

const tones = { done: 'note', waiting: 'note', refused: 'danger', invalid: 'danger' } as const;

function resultSheet(parts: PortalParts, wanted: Wanted, { exit, sentence, lines }: CommandResult): Sheet {
  const { say } = parts;
  const again = `/switchover/${wanted.verb}/${encodeURIComponent(wanted.master)}`;
  const names = namesOf(parts);
  const refused = exit === 'refused' || exit === 'invalid';
  return {
    heading: say('switchover.result'),
    trail: { label: say('switchover.title'), href: '/switchover' },
    blocks: [
      { kind: 'text', text: sentence, tone: tones[exit] },
      ...lines.map((text): Block => ({ kind: 'text', text })),
      {
        kind: 'links',
        links: [
          { label: say('switchover.back'), href: '/switchover' },
          ...(refused ? [{ label: `${headingOf(parts, wanted)} (${names(wanted.master)})`, href: again }] : []),
        ],
      },
    ],
  };
}
