import { NotFound } from '../../../errors.ts';
import type { OperationView } from '../../../operations/model.ts';
import type { Cell, Sheet } from '../../portal/sheet.ts';
import { isTheirs, sentenceOf } from '../notice.ts';
import type { CustomerPage } from '../page.ts';
import { whenIn } from '../present/time.ts';
import type { CustomerKey } from '../texts/index.ts';
import { texts } from '../texts/index.ts';
import type { Visit } from '../visit.ts';

const path = '/my/activity';
const perPage = 50;

/** Everything that happened to the account: who, when, what, and whether every copy has it. */
export const activityPage: CustomerPage = {
  path,
  goal: 'activity',
  title: 'goal.activity',
  order: 10,
  area: 'activity',
  routes: (to) => {
    to.show(path, list);
    to.show(`${path}/:id`, one);
  },
};

async function list(visit: Visit): Promise<Sheet> {
  const { say, parts, account, request } = visit;
  const before = request.query['before'];
  const views = await parts.operations.list({
    account,
    limit: perPage,
    ...(typeof before === 'string' && /^[0-9A-Z]{1,32}$/.test(before) ? { before } : {}),
  });
  const last = views.at(-1);
  return {
    heading: say('goal.activity'),
    blocks: [
      {
        kind: 'table',
        columns: [
          say('activity.what'),
          say('activity.on'),
          say('boxes.state'),
          say('activity.who'),
          say('delivery.when'),
        ],
        empty: say('activity.empty'),
        rows: views.filter((view) => isTheirs(visit, view)).map((view) => rowOf(visit, view)),
      },
      ...(views.length < perPage || last === undefined
        ? []
        : [{ kind: 'links', links: [{ label: say('activity.older'), href: `${path}?before=${last.id}` }] } as const]),
    ],
  };
}

function rowOf(visit: Visit, view: OperationView): readonly Cell[] {
  return [
    { text: titleOf(visit, view), href: `${path}/${view.id}` },
    { text: subjectOf(view), machine: true },
    stateCell(visit, view),
    { text: actorIn(visit, view) },
    { time: visit.ago(view.acceptedAt) },
  ];
}

/** The action in the visitor's language, by the key 'action.ID'; its English title where there is none. */
export function titleOf(visit: Visit, view: OperationView): string {
  const key = `action.${view.action}`;
  // Cast: looked up in the same record on the line before it is used.
  return Object.hasOwn(texts[visit.language], key) ? visit.say(key as CustomerKey) : view.title;
}

function subjectOf({ subject, params }: OperationView): string {
  const named = ['address', 'domain', 'zone', 'name', 'user'].map((name) => params[name]);
  const found = named.find((value): value is string => typeof value === 'string' && value !== '');
  return found ?? (subject.kind === 'account' ? (subject.mailbox ?? subject.domain ?? '') : '');
}

function stateCell(visit: Visit, view: OperationView): Cell {
  const tones = {
    done: 'good',
    following: 'wait',
    accepted: 'busy',
    undecided: 'warn',
    refused: 'bad',
    withdrawn: 'wait',
  } as const;
  return { text: visit.say(`activity.state.${view.state}`), tone: tones[view.state] };
}

/** Whose doing it was: customers by name, staff and programs as the host. */
export function actorIn(visit: Visit, view: Pick<OperationView, 'actor'>): string {
  const { actor } = view;
  const { account } = visit;
  const isCustomer = actor === account || actor.includes('@') || actor.startsWith(`${account}: `);
  return isCustomer ? actor.replace(`${account}: `, '') : visit.say('activity.host');
}

async function one(visit: Visit): Promise<Sheet> {
  const { say, parts, request, language } = visit;
  const view = await parts.operations.get(String(request.params['id']).slice(0, 32), { accounts: [visit.account] });
  if (view === undefined || !isTheirs(visit, view)) throw new NotFound('problem.not-found');
  const shown = Object.entries(view.params).filter(([name]) => name !== 'account');
  return {
    heading: titleOf(visit, view),
    trail: { label: say('goal.activity'), href: path },
    blocks: [
      { kind: 'text', text: sentenceOf(visit, view), tone: 'note' },
      {
        kind: 'facts',
        rows: [
          { label: say('activity.who'), text: actorIn(visit, view) },
          { label: say('delivery.when'), text: `${whenIn(language, view.acceptedAt)} UTC` },
          ...view.legs.map((leg) => ({
            label: visit.siteOf(leg.master),
            text: say(`activity.leg.${leg.state}`),
            ...(leg.error === undefined ? {} : { meta: visit.plain(leg.error.message) }),
          })),
        ],
      },
      { kind: 'heading', text: say('activity.request') },
      {
        kind: 'facts',
        rows: shown.map(([label, value]) => ({
          label,
          text: visit.plain(typeof value === 'string' ? value : JSON.stringify(value)),
          machine: true,
        })),
      },
    ],
  };
}
