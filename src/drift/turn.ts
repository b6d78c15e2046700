/**
 * One turn of the comparison: lease → what repairs came of → accounts that are due → a step of the open scan, or the
 * question whether one is to begin. It looks at the state and never at an event, so killing it anywhere is harmless.
 */
import { z } from 'zod';
import { LeaseLost, messageOf } from '../errors.ts';
import { whm } from '../whm/call.ts';
import { type CertificateDeps, certificateStep, copyNewer, muteStandby } from './certificates.ts';
import { followRepairs } from './follow.ts';
import { accountsInJournal } from './journal.ts';
import { giveLease, takeLease } from './lease.ts';
import { type LookDeps, type LookedAt, lookAtAccounts, lookAtServers } from './look.ts';
import { askOnce, MasterAway } from './observe.ts';
import { askForAccount, dueAccounts, noLongerDue, openRun, progress, type Run } from './runs.ts';
import { beginWhatIsDue } from './schedule.ts';
import { forgetOthers } from './things.ts';

export interface TurnDeps extends Omit<CertificateDeps, 'called'> {
  readonly owner: string;
  /** Whether a master can be reached now. */
  readonly usable: (master: string) => boolean;
  readonly accountsPerBatch: number;
  /** Pause after each batch, as a part of the time that it took: 1 leaves the master alone half of the time. */
  readonly rest: number;
  /** 'HH:MM' in UTC, or 'off'. */
  readonly nightlyAt: string;
}

const LEASE_RENEW_MS = 15_000;
const LONGEST_REST_MS = 60_000;
/** An account with unfinished work is looked at again after so long. */
const SKIPPED_MS = 600_000;

/** Goes on until there is nothing to do, the masters are away, or the signal aborts. Says one sentence. */
export async function turn(deps: TurnDeps, signal: AbortSignal): Promise<string> {
  const lease = await takeLease(deps, deps.owner);
  if (lease === undefined) return 'Another worker compares the masters.';
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const renewing = renew(deps, lease.generation, stop, both);
  try {
    return await work(deps, lease.generation, both);
  } catch (error) {
    if (error instanceof MasterAway)
      return `${deps.masters.get(error.master).name} cannot be read now: ${error.message}`;
    if (error instanceof LeaseLost) return error.message;
    throw error;
  } finally {
    stop.abort();
    await renewing;
    await giveLease(deps, deps.owner);
  }
}

async function renew(deps: TurnDeps, generation: number, stop: AbortController, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await deps.clock.sleep(LEASE_RENEW_MS, signal);
    if (signal.aborted) return;
    const kept = await takeLease(deps, deps.owner).catch((error: unknown) => {
      deps.log.warn({ reason: messageOf(error) }, 'the right to compare the masters could not be renewed');
      return undefined;
    });
    if (kept?.generation !== generation) stop.abort();
  }
}

async function work(deps: TurnDeps, generation: number, signal: AbortSignal): Promise<string> {
  await followRepairs(deps);
  await beginWhatIsDue(deps);
  const away = deps.masters.list.find((m) => !deps.usable(m.id));
  if (away !== undefined) return waiting(deps, `${away.name} cannot be reached: the comparison waits.`);
  if (deps.masters.list.length < 2) return 'There is one master only: nothing to compare.';
  await copyNewer(counting(deps).looking);
  let sentence = 'Nothing is due.';
  while (!signal.aborted) {
    const step =
      (await dueStep(deps, generation, signal)) ??
      (await hourlyStep(deps, generation, signal)) ??
      (await runStep(deps, generation, signal));
    if (step === undefined) return sentence;
    sentence = step;
  }
  return sentence;
}

/** A scan that waits says why. */
async function waiting(deps: TurnDeps, sentence: string): Promise<string> {
  const run = await openRun(deps);
  if (run !== undefined && run.sentence !== sentence) await progress(deps, run.id, { sentence });
  return sentence;
}

/** Counts calls, and how long the longest took. */
function counting(deps: TurnDeps) {
  const seen = { calls: 0, longestMs: 0 };
  const looking: CertificateDeps = {
    ...deps,
    called(_master, ms) {
      seen.calls += 1;
      seen.longestMs = Math.max(seen.longestMs, ms);
    },
  };
  return { seen, looking };
}

async function pause(deps: TurnDeps, longestMs: number, signal: AbortSignal): Promise<void> {
  const ms = Math.min(LONGEST_REST_MS, longestMs * deps.rest);
  if (ms >= 1) await deps.clock.sleep(ms, signal);
}

async function dueStep(deps: TurnDeps, generation: number, signal: AbortSignal): Promise<string | undefined> {
  const due = await dueAccounts(deps, deps.accountsPerBatch);
  if (due.length === 0) return undefined;
  const { seen, looking } = counting(deps);
  const accounts = due.map((d) => d.account).filter((a) => a !== '');
  const result = await lookAtAccounts(looking, accounts, generation, signal);
  // The empty name stands for the servers.
  if (accounts.length < due.length) await lookAtServers(looking, generation, signal);
  await noLongerDue(deps, due);
  await again(deps, result.skipped);
  await pause(deps, seen.longestMs, signal);
  return `Looked at ${list(accounts)}: ${counted(result.found, 'new difference')}.`;
}

/** Certificates do not wait for the night. */
async function hourlyStep(deps: TurnDeps, generation: number, signal: AbortSignal): Promise<string | undefined> {
  const { looking } = counting(deps);
  const step = await certificateStep(looking, generation, signal);
  if (step !== undefined) await muteStandby(looking, signal);
  return step;
}

function list(accounts: readonly string[]): string {
  if (accounts.length === 0) return 'the servers';
  return accounts.length <= 3 ? accounts.join(', ') : `${accounts.length} accounts`;
}

function counted(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
}

async function again(deps: TurnDeps, accounts: readonly string[]): Promise<void> {
  for (const account of accounts) await askForAccount(deps, account, 'it had unfinished operations', SKIPPED_MS);
}

async function runStep(deps: TurnDeps, generation: number, signal: AbortSignal): Promise<string | undefined> {
  const run = await openRun(deps);
  if (run === undefined) return undefined;
  const { seen, looking } = counting(deps);
  const accounts = await accountsNow(looking, signal);
  if (run.state === 'waiting') return begin(deps, run, looking, seen, accounts.length, generation, signal);
  const group = accounts.filter((a) => a > run.cursor).slice(0, deps.accountsPerBatch);
  if (group.length === 0) {
    await forgetOthers(deps, accounts);
    return finish(deps, run, seen.calls);
  }
  const result = await lookAtAccounts(looking, group, generation, signal);
  await again(deps, result.skipped);
  forgetUnread(deps, result);
  const counts = { looked: run.looked + result.looked.length, skipped: run.skipped + result.skipped.length };
  const sentence = `Compared ${counts.looked.toLocaleString('en')} of ${accounts.length.toLocaleString('en')} accounts.`;
  const more = { calls: run.calls + seen.calls, found: run.found + result.found, accounts: accounts.length };
  await progress(deps, run.id, { ...counts, ...more, cursor: group.at(-1) ?? run.cursor, sentence });
  await pause(deps, seen.longestMs, signal);
  return sentence;
}

/** What a master did not tell is no difference; the log says what it was. */
function forgetUnread(deps: TurnDeps, { unread }: LookedAt): void {
  if (unread.length > 0)
    deps.log.warn(
      { unread: unread.slice(0, 10), more: Math.max(0, unread.length - 10) },
      'some things could not be compared',
    );
}

async function begin(
  deps: TurnDeps,
  run: Run,
  looking: LookDeps,
  seen: { readonly calls: number; readonly longestMs: number },
  accounts: number,
  generation: number,
  signal: AbortSignal,
): Promise<string> {
  const result = await lookAtServers(looking, generation, signal);
  forgetUnread(deps, result);
  const sentence = 'Compared the servers themselves; accounts come next.';
  const skipped = result.skipped.length;
  await progress(deps, run.id, {
    state: 'running',
    accounts,
    calls: run.calls + seen.calls,
    found: run.found + result.found,
    skipped,
    sentence,
  });
  await pause(deps, seen.longestMs, signal);
  return sentence;
}

async function finish(deps: TurnDeps, run: Run, calls: number): Promise<string> {
  const skipped =
    run.skipped === 0 ? '' : `, ${counted(run.skipped, 'account')} left for later because of unfinished operations`;
  const all = run.calls + calls;
  const sentence = `Compared ${counted(run.looked, 'account')} in ${counted(all, 'call')}: ${counted(run.found, 'new difference')}${skipped}.`;
  await progress(deps, run.id, { state: 'done', calls: all, sentence });
  return sentence;
}

const users = z.object({ acct: z.array(z.object({ user: z.string() })) });
/** The list of accounts is asked for anew when it is older than this, milliseconds: a scan takes hours. */
const LIST_FRESH_MS = 600_000;
const lists = new WeakMap<TurnDeps['clients'], { readonly at: number; readonly accounts: readonly string[] }>();

/** Every account of every master and of the journal, sorted. */
async function accountsNow(deps: LookDeps, signal: AbortSignal): Promise<readonly string[]> {
  const known = lists.get(deps.clients);
  if (known !== undefined && deps.clock.now() - known.at < LIST_FRESH_MS) return known.accounts;
  const observing = {
    clients: deps.clients,
    masters: deps.masters,
    signal,
    called: deps.called,
    now: () => deps.clock.now(),
  };
  const found = new Set(await accountsInJournal(deps));
  for (const master of deps.masters.list) for (const user of await usersOf(observing, master.id)) found.add(user);
  const accounts = [...found].sort();
  lists.set(deps.clients, { at: deps.clock.now(), accounts });
  return accounts;
}

async function usersOf(deps: Parameters<typeof askOnce>[0], master: string): Promise<readonly string[]> {
  const [answer] = await askOnce(deps, master, [whm('listaccts', { want: 'user' })]);
  const parsed = answer?.ok === true ? users.safeParse(answer.data) : undefined;
  if (parsed?.success !== true)
    throw new MasterAway(
      master,
      answer?.ok === true ? 'its list of accounts has an unknown shape' : (answer?.reason ?? 'no answer'),
    );
  return parsed.data.acct.map((a) => a.user);
}
