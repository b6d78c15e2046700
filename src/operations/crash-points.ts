/**
 * Every durable write and every send of the operations core has a name, so that tests can kill the process right
 * before and right after it. `tandem crash-points` lists them; a test fails when one is never exercised.
 */
export const STEPS = [
  'accept',
  'claim',
  'note-sent',
  'send',
  'settle-done',
  'settle-again',
  'settle-doubt',
  'settle-refused',
  'settle-held',
  'settle-take-back',
  'settle-undone',
  'choose-retry',
  'choose-adopt',
  'choose-skip',
  'choose-undo',
  'withdraw',
  'move-lead',
  'recover',
  'verify',
] as const;

export type Step = (typeof STEPS)[number];
export type CrashPoint = `${Step}.before` | `${Step}.after`;

export const CRASH_POINTS: readonly CrashPoint[] = STEPS.flatMap((s) => [`${s}.before`, `${s}.after`] as const);

/** Called at each crash point; in production it does nothing. */
export type Crash = (point: CrashPoint) => void;

/** Runs a step between its two crash points. */
export async function between<T>(crash: Crash, step: Step, work: () => Promise<T>): Promise<T> {
  crash(`${step}.before`);
  const result = await work();
  crash(`${step}.after`);
  return result;
}
