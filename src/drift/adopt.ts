/**
 * Adoption: an account that one master alone has is made on the others with the same identity, and then everything in
 * it that can be carried is made alike by the same repairs as ever. Begun anew, it goes on where it stopped: it looks
 * at what is there, and at nothing else.
 */
import { z } from 'zod';
import { numeric } from '../actions/answers.ts';
import type { Actor } from '../auth/actor.ts';
import { Invalid, messageOf, Refused } from '../errors.ts';
import type { Door, Operations, OperationView } from '../operations/model.ts';
import { type WhmCall, whm } from '../whm/call.ts';
import { type ApplyDeps, type Planned, planOf } from './apply.ts';
import { dkimCall, pemOf } from './kinds/dkim.ts';
import { accountKindsFor, serverKinds } from './kinds/index.ts';
import type { Difference, Kind, Repair } from './model.ts';
import { askOnce, observe } from './observe.ts';
import { compare } from './plan.ts';

export interface AdoptDeps extends ApplyDeps {
  readonly operations: Pick<Operations, 'accept' | 'wait'>;
}

export interface AdoptRequest {
  readonly account: string;
  /** The master that has it. */
  readonly from: string;
  readonly actor: Actor;
  readonly door: Door;
  /** Told each step as it begins, one sentence. */
  readonly progress?: (sentence: string) => void;
}

export interface Adopted {
  readonly account: string;
  /** Operations that were accepted, in order. */
  readonly operations: readonly string[];
  /** What is alike now, one sentence each. */
  readonly carried: readonly string[];
  /** What could not be carried, and what to do about it. */
  readonly left: readonly string[];
}

/** How long one operation of it is waited for, milliseconds. */
const PATIENCE_MS = 300_000;
/** Repairs may uncover further differences: a domain comes before its mailboxes. */
const MOST_ROUNDS = 40;

const always = [
  'Files and mail are carried by file sync, database contents by replication: switch them on for the account, or copy once.',
  'The account’s own password cannot be read: it has a random one there until somebody sets a new one on both.',
];

const summary = z.object({
  acct: z.array(
    z.object({
      domain: z.string(),
      owner: z.string(),
      plan: z.string(),
      email: z.string().nullish(),
      uid: numeric,
      theme: z.string().nullish(),
    }),
  ),
});
type Summary = z.output<typeof summary>['acct'][number];
const uids = z.object({ acct: z.array(z.object({ user: z.string(), uid: numeric })) });

/** Carries an account to every master that lacks it. Throws Invalid and Refused before anything is made. */
export async function adopt(deps: AdoptDeps, request: AdoptRequest): Promise<Adopted> {
  const { account, from } = request;
  if (!deps.masters.list.some((m) => m.id === from))
    throw new Invalid(`there is no master ${from}`, [{ path: '--from', message: 'name a configured master' }]);
  const there = await summaryOn(deps, from, account);
  if (there === undefined)
    throw new Invalid(`${account} is not on ${deps.masters.get(from).name}`, [
      { path: 'account', message: 'name an account of that master' },
    ]);
  const log: { operations: string[]; carried: string[] } = { operations: [], carried: [] };
  const made = new Map<string, string>();
  for (const master of deps.masters.list.filter((m) => m.id !== from)) {
    if ((await summaryOn(deps, master.id, account)) !== undefined) continue;
    request.progress?.(`Make ${account} on ${master.name}`);
    const operation = await create(deps, request, there, master.id);
    made.set(master.id, operation.id);
    log.operations.push(operation.id);
    log.carried.push(`The account itself on ${master.name}, with package, owner and DKIM key`);
  }
  const left = await alike(deps, request, log, made);
  return { account, ...log, left: [...left, ...always] };
}

async function one(deps: AdoptDeps, master: string, call: WhmCall) {
  const [answer] = await askOnce(
    { clients: deps.clients, masters: deps.masters, called: () => {}, now: () => 0 },
    master,
    [call],
  );
  if (answer?.ok === undefined)
    throw new Refused(`${deps.masters.get(master).name} cannot be read: ${answer?.reason ?? 'no answer'}`);
  return answer;
}

async function summaryOn(deps: AdoptDeps, master: string, account: string): Promise<Summary | undefined> {
  const answer = await one(deps, master, whm('accountsummary', { user: account }));
  if (answer.ok === false) return undefined;
  return summary.parse(answer.data).acct[0];
}

/** The same user id where it is free there: files then belong to the same number on all masters. */
async function freeUid(deps: AdoptDeps, master: string, uid: number): Promise<number | undefined> {
  const answer = await one(deps, master, whm('listaccts', { want: 'user,uid' }));
  const parsed = uids.safeParse(answer.ok === true ? answer.data : undefined);
  return parsed.success && !parsed.data.acct.some((a) => a.uid === uid) ? uid : undefined;
}

async function create(deps: AdoptDeps, request: AdoptRequest, there: Summary, master: string): Promise<OperationView> {
  const { account, from } = request;
  const key = pemOf(await one(deps, from, dkimCall(there.domain)), there.domain);
  const uid = await freeUid(deps, master, there.uid);
  const params = {
    account,
    domain: there.domain,
    plan: there.plan,
    owner: there.owner,
    // WHM writes '*unknown*' where there is none.
    ...(there.email?.includes('@') === true ? { contactEmail: there.email } : {}),
    ...(there.theme ? { theme: there.theme } : {}),
    ...(uid === undefined ? {} : { uid }),
    ...(key === undefined ? {} : { dkimKey: key }),
  };
  return carryOut(deps, request, { action: 'account.create', params, only: [master], removes: false, sentence: '' });
}

async function carryOut(
  deps: AdoptDeps,
  { actor, door }: AdoptRequest,
  { action, params, only }: Repair,
): Promise<OperationView> {
  const given = Object.fromEntries(
    Object.entries(params).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );
  const accepted = await deps.operations.accept({ action, params: given, only, actor, door });
  const view = await deps.operations.wait(accepted.id, 'final', PATIENCE_MS);
  if (view.state === 'done') return view;
  const reason = view.legs
    .map((l) => l.error?.message ?? l.waitsFor?.sentence ?? '')
    .filter((s) => s !== '')
    .join(' ');
  throw new Refused(`${action} is ${view.state}: ${reason}`, {
    hint: `See: tandem operation ${view.id}. Then adopt again: it goes on from there.`,
  });
}

/** Rounds of reading and repairing, until nothing more can be carried; what is left over. */
async function alike(
  deps: AdoptDeps,
  request: AdoptRequest,
  log: { readonly operations: string[]; readonly carried: string[] },
  made: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const failed = new Map<string, string>();
  for (let round = 1; ; round += 1) {
    const { differences, unread } = await differencesOf(deps, request.account);
    const plans: Planned[] = [];
    for (const difference of differences) plans.push(await planned(deps, request, difference, made));
    const able = plans.filter((p) => p.objections.length === 0 && !failed.has(p.about));
    if (able.length === 0 || round > MOST_ROUNDS) {
      const why = (p: Planned) =>
        p.objections.length > 0 ? `${p.about}: ${p.objections.join(' ')}` : (failed.get(p.about) ?? p.about);
      return [...new Set([...plans.map(why), ...unread])];
    }
    // One kind at a time: a new domain brings a zone, a key and more, which are then only compared.
    const next = Math.min(...able.map((p) => p.rank));
    for (const plan of able.filter((p) => p.rank === next)) await carry(deps, request, plan, log, failed);
  }
}

/** A key that the account's own master lacks was made with a new domain: the other one is followed, so that both have it. */
function planned(
  deps: AdoptDeps,
  request: AdoptRequest,
  difference: Difference,
  made: ReadonlyMap<string, string>,
): Promise<Planned> {
  const own = difference.sides.find((s) => s.master === request.from)?.value;
  const other = difference.sides.find((s) => s.value !== undefined)?.master;
  const from = difference.kind === 'dkim' && own === undefined && other !== undefined ? other : request.from;
  return planOf(deps, asFinding(difference, made), from);
}

async function carry(
  deps: AdoptDeps,
  request: AdoptRequest,
  plan: Planned,
  log: { readonly operations: string[]; readonly carried: string[] },
  failed: Map<string, string>,
): Promise<void> {
  try {
    for (const step of plan.steps) {
      request.progress?.(step.sentence);
      log.operations.push((await carryOut(deps, request, step)).id);
      log.carried.push(step.sentence);
    }
    // Done once and still different: it would be done for ever.
    failed.set(plan.about, `${plan.about} was carried and still differs.`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    failed.set(plan.about, `${plan.about}: ${messageOf(error)}`);
  }
}

/**
 * What the account's own creation brought (records of a master's zone template) is of known origin: it was not there
 * before, and nothing else had the time.
 */
function asFinding(difference: Difference, made: ReadonlyMap<string, string>) {
  const having = difference.sides.filter((s) => s.value !== undefined).map((s) => made.get(s.master));
  const origin =
    difference.origin?.operation ?? (difference.kind === 'zone' ? having.find((id) => id !== undefined) : undefined);
  return { ...difference, origin, expects: difference.origin?.expects, state: 'open' as const };
}

async function differencesOf(
  deps: AdoptDeps,
  account: string,
): Promise<{ readonly differences: readonly Difference[]; readonly unread: readonly string[] }> {
  const masters = deps.masters.list.map((m) => m.id);
  const observing = { clients: deps.clients, masters: deps.masters, called: () => {}, now: () => 0 };
  const differences: Difference[] = [];
  const unread: string[] = [];
  const judge = (kinds: readonly Kind[], key: string, observed: Awaited<ReturnType<typeof observe>>) => {
    for (const kind of kinds) {
      const compared = compare({
        kind,
        account: key === '' ? null : key,
        seen: observed.get(key)?.get(kind.id) ?? new Map(),
        origins: new Map(),
      });
      if (compared.kind === 'unread') unread.push(compared.why);
      else differences.push(...compared.differences.filter((d) => d.account === account));
    }
  };
  const kinds = accountKindsFor(deps.masters);
  judge(kinds, account, await observe(observing, kinds, [account], masters));
  const certificates = serverKinds.filter((k) => k.id === 'certificate');
  judge(certificates, '', await observe(observing, certificates, [''], masters));
  return { differences, unread };
}
