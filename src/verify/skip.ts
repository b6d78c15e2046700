import type { Step } from './model.ts';

/** What decides whether a step is played. */
export interface Situation {
  readonly version: string;
  readonly readOnly: boolean;
  /** Which accounts are there. */
  readonly there: ReadonlySet<Step['needs']>;
  /** Accounts that the licence still allows. */
  readonly seats: number;
}

/** 11.134.0.20 is at least 11.134. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((text) => text.split('.').map(Number));
  for (const [index, part] of (want ?? []).entries()) {
    const own = have?.[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

function wrongVersion({ since, until }: Step, version: string): string | undefined {
  if (since !== undefined && !isAtLeast(version, since)) return `only since ${since}`;
  return until !== undefined && isAtLeast(version, until) ? `only before ${until}` : undefined;
}

function lacksAccount({ id, needs = 'nothing' }: Step, { there, seats }: Situation): string | undefined {
  if (id === 'accounts.other' && seats < 2) return 'the licence has no seat for a second account';
  const needed = id === 'accounts.other' ? 'account' : needs;
  if (needed === 'nothing' || there.has(needed)) return undefined;
  return needed === 'account' ? 'the throw-away account is not there' : 'there is no second account';
}

/** Why a step is not played, or undefined. */
export function whySkipped(step: Step, situation: Situation): string | undefined {
  if (step.unsafe !== undefined) return `not tried: ${step.unsafe}`;
  if (step.kind === 'write' && situation.readOnly) return 'only reads were asked for';
  return wrongVersion(step, situation.version) ?? lacksAccount(step, situation);
}
