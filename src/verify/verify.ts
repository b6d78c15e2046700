/** `tandem verify MASTER`: the contract is played to a master and to a fresh simulator, and both are compared. */
import { systemClock } from '../clock.ts';
import { Invalid, Refused, Unreachable } from '../errors.ts';
import type { Master } from '../masters.ts';
import { whm } from '../whm/call.ts';
import { cleanUp } from './clean-up.ts';
import { againstExpectation, compareEvidence, tooLate } from './compare.ts';
import { contract } from './contract.ts';
import type { Evidence, Step } from './model.ts';
import { type Recorder, recorderIn } from './recording.ts';
import { type Scene, sideOn, type VerifyDeps, withSimulator } from './scene.ts';
import { type OpenSide, Stopped } from './side.ts';
import { whySkipped } from './skip.ts';
import { renamed } from './steps/accounts.ts';
import { at, dataOf } from './steps/build.ts';
import { freeSeats, leftBehind, proveFree, throwAwayValues } from './throwaway.ts';

/** One comparison, for people. */
export interface Check {
  readonly check: string;
  readonly state: 'same' | 'different' | 'skipped';
  readonly sentence: string;
}

export interface VerifyOptions {
  /** Reads only: nothing is made on the master. */
  readonly readOnly: boolean;
  /** Folder for redacted recordings. */
  readonly record?: string;
  /** Told each check as it ends. */
  readonly progress: (check: Check) => void;
}

interface Run {
  readonly master: OpenSide;
  readonly simulator: OpenSide;
  readonly version: string;
  readonly options: VerifyOptions;
  readonly recorder: Recorder | undefined;
  /** Differences told already, and by which step. */
  readonly told: Map<string, string>;
  readonly checks: Check[];
  /** Which accounts are there. */
  readonly there: Set<Step['needs']>;
  readonly seats: number;
}

function note(run: Run, check: Check): void {
  run.checks.push(check);
  run.options.progress(check);
}

/** What Tandem does not use may well be missing: that says nothing about its answers. */
function lacksFunction(seen: Evidence): boolean {
  return /could not find function|unknown app/iu.test(String(seen.facts['because'] ?? ''));
}

/** One check for what is as assumed, one for each difference otherwise; what another step told already is not repeated. */
function report(run: Run, step: Step, own: readonly string[], compared: readonly string[]): void {
  if (own.length + compared.length === 0) {
    note(run, { check: step.id, state: 'same', sentence: step.assumption });
    return;
  }
  const fresh = compared.filter((sentence) => !run.told.has(sentence));
  for (const sentence of fresh) run.told.set(sentence, step.id);
  for (const sentence of [...own, ...fresh]) note(run, { check: step.id, state: 'different', sentence });
  if (own.length + fresh.length > 0) return;
  const where = [...new Set(compared.map((sentence) => run.told.get(sentence)))].join(', ');
  note(run, { check: step.id, state: 'different', sentence: `nothing that was not told under ${where}` });
}

function noteAccounts(run: Run, step: Step, evidence: Evidence): void {
  const isThere = evidence.facts['after'] === 'settled' || evidence.facts['outcome'] === 'done';
  if (step.id === 'accounts.create' && isThere) run.there.add('account');
  if (step.id === 'accounts.other' && isThere) run.there.add('other');
}

async function play(run: Run, step: Step): Promise<void> {
  const why = whySkipped(step, { ...run, readOnly: run.options.readOnly });
  if (why !== undefined) return note(run, { check: step.id, state: 'skipped', sentence: `${why}. ${step.assumption}` });
  const seen = await run.master.play(step);
  const simulated = step.alone === true ? undefined : await run.simulator.play(step);
  noteAccounts(run, step, seen);
  if (step.alone === true && lacksFunction(seen)) {
    return note(run, {
      check: step.id,
      state: 'skipped',
      sentence: `the server has no such function. ${step.assumption}`,
    });
  }
  const own = [...againstExpectation(step, seen.facts), ...tooLate(seen)];
  const found = simulated === undefined ? [] : compareEvidence(step, seen, simulated);
  report(run, step, own, found);
  await run.recorder?.note(step, seen, simulated);
}

/** The configured master of that id. Throws Invalid for an unknown one. */
export function targetOf<T extends Master>(masters: readonly T[], id: string): T {
  const found = masters.find((master) => master.id === id);
  if (found !== undefined) return found;
  const ids = masters.map((master) => master.id).join(', ');
  throw new Invalid(`No master is called ${id.slice(0, 64)}.`, [], { hint: `There are: ${ids}.` });
}

/** The version decides which simulator to compare with, so it is asked first. */
async function versionOf(side: OpenSide, name: string): Promise<string> {
  const outcome = await side.call(whm('version'));
  if (outcome.kind === 'denied') {
    throw new Refused(`${name} refuses the credentials: ${outcome.reason}`, {
      hint: 'Make a new token in WHM › Manage API Tokens and put it into the configuration.',
    });
  }
  if (outcome.kind !== 'done') throw new Unreachable(`${name} cannot be asked: ${outcome.reason}`);
  return String(at(dataOf(outcome), 'version') ?? '');
}

/** Whether the run was stopped; anything else goes on up. */
function stopped(error: unknown): true {
  if (error instanceof Stopped) return true;
  throw error;
}

/** A listener that fails, such as a terminal that is gone, stops the telling but not the cleaning. */
async function takeAll(run: Run, side: OpenSide, deps: VerifyDeps): Promise<readonly string[]> {
  const { owned } = run.master;
  const { clock = systemClock, pauseMs = 5000 } = deps;
  const isLate = run.master.wasInDoubt('createacct') && owned.length > 0;
  const cleaning = cleanUp(side, owned, isLate, { clock, pauseMs, looks: 6, lateLooks: 60 });
  try {
    if (isLate) {
      const sentence = 'Creating an account was in doubt, so it is looked for again until it can no longer come.';
      note(run, { check: 'cleanup', state: 'skipped', sentence });
    }
  } finally {
    await cleaning;
  }
  return cleaning;
}

/** Cleans up with a connection of its own: the run's may have been stopped. */
async function clean(run: Run, scene: Scene): Promise<void> {
  const { deps } = scene;
  const { probe, side } = sideOn(deps.target, { ...scene, signal: new AbortController().signal });
  try {
    const left = await takeAll(run, side, deps);
    for (const one of left) {
      note(run, { check: 'cleanup', state: 'different', sentence: `${one}. Remove it in WHM.` });
    }
    if (left.length === 0 && run.master.owned.length > 0) {
      note(run, { check: 'cleanup', state: 'same', sentence: 'Everything that was made for the trial is gone.' });
    }
  } finally {
    probe.close();
  }
}

/** Free licence seats. Throws Refused when there is none: the throw-away account needs one. */
async function seatsFor(master: OpenSide): Promise<number> {
  const seats = await freeSeats(master);
  if (seats >= 1) return seats;
  throw new Refused('the licence has no seat left for the throw-away account', { hint: 'Use --read-only.' });
}

/** What must be so before anything is made. */
async function prepare(run: Run, { values }: Scene): Promise<void> {
  for (const user of await leftBehind(run.master)) {
    const sentence = `the account ${user} of an earlier run is still there. Remove it in WHM.`;
    note(run, { check: 'cleanup', state: 'different', sentence });
  }
  if (run.options.readOnly) return;
  await proveFree(run.master, [values.user, values.other, renamed(values), values.token]);
}

async function playAll(run: Run, scene: Scene): Promise<void> {
  try {
    await prepare(run, scene);
    for (const step of scene.deps.contract ?? contract) await play(run, step);
  } catch (error) {
    stopped(error);
    note(run, { check: 'run', state: 'skipped', sentence: 'The run was stopped; what was not played is not told.' });
  } finally {
    await clean(run, scene);
  }
}

/**
 * Plays the contract and tells every difference. What is made on the master is taken away in every case, also when the
 * run fails or is stopped. Throws Unreachable or Refused when it cannot begin: no connection, wrong credentials, no
 * licence seat.
 */
export async function verifyMaster(deps: VerifyDeps, options: VerifyOptions): Promise<readonly Check[]> {
  const { target } = deps;
  const values = await throwAwayValues(target, deps.newKey);
  const scene: Scene = { deps, values, signal: deps.signal ?? new AbortController().signal };
  const { probe, side: master } = sideOn(target, scene);
  try {
    const version = await versionOf(master, target.name);
    const seats = options.readOnly ? 0 : await seatsFor(master);
    return await withSimulator(scene, { version, seats }, async (simulator) => {
      const about = { version: deps.simulator?.version ?? version, values, target };
      const recorder = options.record === undefined ? undefined : await recorderIn(options.record, about);
      const shared = { told: new Map(), checks: [], there: new Set<Step['needs']>(), seats };
      const run: Run = { master, simulator, version, options, recorder, ...shared };
      await playAll(run, scene);
      return run.checks;
    });
  } finally {
    probe.close();
  }
}
