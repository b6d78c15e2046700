/** What setup and repair refuse although it was asked for. Pure. */
import type { ServerSeen } from './model.ts';
import type { Step } from './steps.ts';

/** What a person said when asked; each override is written to the log. */
export interface Wishes {
  /** Whose data is right where both masters hold the same database with different contents. */
  readonly from?: string;
  /** Overwrite although the source has much less than what it replaces. */
  readonly evenIfSmaller?: boolean;
}

/** A reason not to do it, and what to do instead. */
export interface Veto {
  readonly code: string;
  readonly sentence: string;
}

const muchLess = 0.5;
const worthCounting = 1_000_000;

function half(loaded: ServerSeen, step: Step & { kind: 'seed' }): Veto[] {
  if (loaded.mark.kind !== 'seeding' || loaded.mark.from === loaded.id) return [];
  const mark = loaded.mark.databases;
  const bad = step.databases.filter((one) => mark.includes(one));
  return bad.map((one) => ({
    code: 'half-loaded',
    sentence: `${one} on ${loaded.name} was being loaded when setup was interrupted; it may be half of it and cannot be a source.`,
  }));
}

/** Whether a load that was interrupted left half of it there. */
function isHalf({ mark }: ServerSeen, name: string): boolean {
  return mark.kind === 'seeding' && mark.databases.includes(name);
}

/** How a database would be replaced by an empty or much smaller one; undefined: it would not. */
function shrinking(from: ServerSeen, to: ServerSeen, name: string): string | undefined {
  const mine = from.databases.find((one) => one.name === name);
  const theirs = to.databases.find((one) => one.name === name);
  if (theirs === undefined || theirs.tables === 0 || isHalf(to, name)) return undefined;
  if ((mine?.tables ?? 0) === 0) return 'empty-source';
  const isShrunk = theirs.bytes > worthCounting && (mine?.bytes ?? 0) < theirs.bytes * muchLess;
  return isShrunk ? 'smaller-source' : undefined;
}

function smaller(from: ServerSeen, to: ServerSeen, step: Step & { kind: 'seed' }): Veto[] {
  return step.databases.flatMap((name) => {
    const code = shrinking(from, to, name);
    if (code === undefined) return [];
    return [{ code, sentence: `${name} holds much more on ${to.name} than on ${from.name}, which would replace it.` }];
  });
}

/** Whether every database that a seed replaces is backed up earlier in the same plan; a half one was before. */
function unsaved(steps: readonly Step[], seen: readonly ServerSeen[]): Veto[] {
  return steps.flatMap((step, at) => {
    if (step.kind !== 'seed') return [];
    const to = seen.find((one) => one.id === step.to);
    const worth = to?.databases.filter((one) => one.tables > 0 && !isHalf(to, one.name)).map((one) => one.name) ?? [];
    const full = step.databases.filter((name) => worth.includes(name));
    const saved = steps
      .slice(0, at)
      .flatMap((one) => (one.kind === 'backup' && one.master === step.to ? one.databases : []));
    return full
      .filter((name) => !saved.includes(name))
      .map((name) => ({ code: 'no-backup', sentence: `${name} would be replaced without a backup.` }));
  });
}

/** Every reason against the steps; nothing is done while there is one. */
export function vetoes(steps: readonly Step[], seen: readonly ServerSeen[], wishes: Wishes): readonly Veto[] {
  const found = steps.flatMap((step) => {
    if (step.kind !== 'seed') return [];
    const from = seen.find((one) => one.id === step.from);
    const to = seen.find((one) => one.id === step.to);
    if (from === undefined || to === undefined) return [];
    return [...half(from, step), ...(wishes.evenIfSmaller === true ? [] : smaller(from, to, step))];
  });
  return [...found, ...unsaved(steps, seen)];
}
