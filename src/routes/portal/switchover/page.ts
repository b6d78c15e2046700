import { type Request, type Response, Router } from 'express';
import { has } from '../../../auth/roles.ts';
import { Invalid, NotFound } from '../../../errors.ts';
import type { CommandInput, CommandResult } from '../../../failover/control/schema.ts';
import type { WatchDesk } from '../../../failover/portal/desk.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, problemOf, submitted } from '../forms.ts';
import { namesOf, sendPage } from '../frame.ts';
import type { PortalPage } from '../page.ts';
import type { FormField } from '../present/form.ts';
import { namedDesk } from '../present/shown-names.ts';
import type { Block } from '../sheet.ts';
import { actorIn, mustHave } from '../who.ts';
import { spans, switchoverModel } from './model.ts';
import { orderRoutes } from './order.ts';

/** Where names point, who watches, and the orders that people give. Nothing on it waits for a watcher, but orders. */
export function switchoverPage(plain: WatchDesk): PortalPage {
  return {
    path: '/switchover',
    title: 'switchover.title',
    order: 72,
    needs: 'see-staff',
    badge: async () => (plain.watchers().some(({ seen }) => seen?.light === 'failed-over') ? '⇄' : ''),
    routes(parts) {
      const router = Router();
      const ids = parts.masters.list.map(({ id }) => id);
      const desk = namedDesk(plain, ids, namesOf(parts));
      router.get('/switchover', (request, response) => sendSwitchover(parts, desk, request, response));
      router.post('/switchover/hold', (request, response) =>
        noted(parts, desk, request, response, (by, { reason = '' }) => ({
          command: 'hold',
          by,
          reason: given(parts, 'reason', reason.trim().slice(0, 300)),
        })),
      );
      router.post('/switchover/release', (request, response) =>
        noted(parts, desk, request, response, (by) => ({ command: 'release', by })),
      );
      router.post('/switchover/ack', (request, response) =>
        noted(parts, desk, request, response, (by, { check = '' }) => ({
          command: 'ack',
          by,
          check: given(parts, 'check', check.slice(0, 80)),
        })),
      );
      router.post('/switchover/downtime', (request, response) =>
        noted(parts, desk, request, response, (by, body) => downtimeOf(parts, by, body)),
      );
      router.post('/switchover/downtime/end', (request, response) =>
        noted(parts, desk, request, response, (by, { id = '' }) => ({
          command: 'end-downtime',
          by,
          id: given(parts, 'id', id.slice(0, 64)),
        })),
      );
      router.use(orderRoutes(parts, desk));
      return router;
    },
  };
}

function given(parts: PortalParts, path: string, value: string): string {
  if (value === '') throw new Invalid(parts.say('form.again'), [{ path, message: parts.say('form.fill') }]);
  return value;
}

function downtimeOf(parts: PortalParts, by: string, body: Readonly<Record<string, string>>): CommandInput {
  const { say } = parts;
  const { master = '', begins = '', minutes = '', reason = '' } = body;
  if (!parts.masters.list.some(({ id }) => id === master)) throw new NotFound(say('switchover.no-master'));
  const count = Number(minutes);
  const from = begins.trim() === '' ? parts.clock() : Date.parse(`${begins.trim().replace(' ', 'T')}:00Z`);
  const issues = [
    ...(Number.isInteger(count) && count >= 1 && count <= 10_080
      ? []
      : [{ path: 'minutes', message: say('switchover.downtime.minutes.wrong') }]),
    ...(Number.isNaN(from) ? [{ path: 'begins', message: say('switchover.downtime.begins.wrong') }] : []),
    ...(reason.trim() === '' ? [{ path: 'downtimeReason', message: parts.say('form.fill') }] : []),
  ];
  if (issues.length > 0) throw new Invalid(say('form.again'), issues);
  return { command: 'downtime', by, master, from, until: from + count * 60_000, reason: reason.trim().slice(0, 300) };
}

/** What moves no name: said to a watcher, audited, and back to the page. A refusal stands on top of it. */
async function noted(
  parts: PortalParts,
  desk: WatchDesk,
  request: Request,
  response: Response,
  command: (by: string, body: Readonly<Record<string, string>>) => CommandInput,
): Promise<void> {
  return submitted(
    response,
    async () => {
      const actor = actorIn(request);
      mustHave(actor, 'masters');
      const order = command(actor.name, bodyOf(request));
      const result = await desk.tell(order);
      await parts.auth.audit({
        actor,
        event: `switchover.${order.command}`,
        subject: subjectOf(order),
        detail: result.sentence,
      });
      if (result.exit !== 'done') throw refused(result);
      return '/switchover';
    },
    (error) => sendSwitchover(parts, desk, request, response, error),
  );
}

/** A watcher's no, in its own words. */
export function refused({ sentence, lines }: CommandResult): Invalid {
  return new Invalid(
    sentence,
    lines.map((message) => ({ path: '', message })),
  );
}

function subjectOf(order: CommandInput): string {
  if ('master' in order) return order.master;
  return 'check' in order ? order.check : '';
}

function holdFields({ say }: PortalParts): readonly FormField[] {
  return [{ name: 'reason', label: say('switchover.hold.reason'), input: 'text', required: true }];
}

function downtimeFields(parts: PortalParts): readonly FormField[] {
  const { say } = parts;
  const options = parts.masters.list.map(({ id }) => id);
  const optionLabels = Object.fromEntries(parts.masters.list.map(({ id, name }) => [id, name]));
  return [
    { name: 'master', label: say('masters.window.master'), input: 'text', required: true, options, optionLabels },
    { name: 'minutes', label: say('switchover.downtime.minutes'), input: 'number', required: true },
    {
      name: 'begins',
      label: say('switchover.downtime.begins'),
      help: say('switchover.downtime.begins.help'),
      input: 'text',
      required: false,
    },
    { name: 'reason', label: say('switchover.hold.reason'), input: 'text', required: true },
  ];
}

/** The forms that change nothing but notes; below the live part, so that nothing typed is lost. */
function formsOf(parts: PortalParts, request: Request, error?: Error): readonly Block[] {
  const { say } = parts;
  const open = error === undefined ? '' : request.path;
  const issues = issuesOf(error);
  const typed = bodyOf(request);
  const form = (action: string, text: string, fields: readonly FormField[]): Block => ({
    kind: 'form',
    action,
    fields: fieldsFor(parts, fields, open === action ? typed : {}, open === action ? issues : []),
    button: text,
    fold: text,
    open: open === action,
  });
  return [
    form('/switchover/hold', say('switchover.hold'), holdFields(parts)),
    form('/switchover/downtime', say('switchover.downtime'), downtimeFields(parts)),
    { kind: 'text', text: say('switchover.downtime.why'), tone: 'meta' },
  ];
}

async function sendSwitchover(
  parts: PortalParts,
  desk: WatchDesk,
  request: Request,
  response: Response,
  error?: Parameters<typeof problemOf>[0],
): Promise<void> {
  const { query } = request;
  const { role } = actorIn(request);
  const hours = spans.find((one) => String(one) === query['span']) ?? 24;
  const mayHold = has(role, 'masters');
  const wanted = {
    hours,
    from: typeof query['from'] === 'string' ? query['from'] : '',
    maySwitch: has(role, 'switchover'),
    mayHold,
  };
  const model = { ...switchoverModel(parts, desk, wanted, namesOf(parts)), say: parts.say };
  if (query['part'] === 'live') {
    const frame = { csrf: request.session.csrf ?? '' };
    return void response.type('html').send(await parts.draw('parts/switchover', { ...model, frame }));
  }
  const problem = error === undefined ? undefined : problemOf(error, [...holdFields(parts), ...downtimeFields(parts)]);
  const options = { title: parts.say('switchover.title'), refresh: 10, status: error === undefined ? 200 : 422 };
  const forms = mayHold ? formsOf(parts, request, error) : [];
  return sendPage(parts, request, response, 'switchover', options, { ...model, problem, forms });
}
