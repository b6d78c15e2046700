import type { LoggedCall } from './call-log.ts';
import type { WorkItem } from './work.ts';

export interface Verdict {
  /** Changes that came before one of a lower place of the same account, or began before it was answered. */
  readonly orderViolations: number;
  /** Items whose change never came. */
  readonly lost: number;
  /** Changes that came twice. */
  readonly doubled: number;
  readonly calls: number;
  readonly effects: number;
}

interface Last {
  n: number;
  answered: number;
}

function orderViolations(effects: readonly LoggedCall[]): number {
  const last = new Map<string, Last>();
  let violations = 0;
  for (const { account, effect, read, answered } of effects) {
    const before = last.get(account) ?? { n: 0, answered: 0 };
    const n = effect?.n ?? 0;
    if (n < before.n || read < before.answered) violations++;
    last.set(account, { n: Math.max(n, before.n), answered });
  }
  return violations;
}

/** Judges one server's log, in the order in which the changes were made, against what was asked for. */
export function judge(work: readonly WorkItem[], log: readonly LoggedCall[]): Verdict {
  const effects = log.filter((call) => call.effect !== undefined).sort((a, b) => a.answered - b.answered);
  const counts = new Map<string, number>();
  for (const { account, effect } of effects) {
    const id = `${account} ${effect?.kind} ${effect?.n}`;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const lost = work.filter((item) => !counts.has(`${item.account} ${item.kind} ${item.n}`)).length;
  const doubled = [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
  return { orderViolations: orderViolations(effects), lost, doubled, calls: log.length, effects: effects.length };
}

/** The sum over all servers. */
export function together(verdicts: readonly Verdict[]): Verdict {
  const sum = (key: keyof Verdict) => verdicts.reduce((total, verdict) => total + verdict[key], 0);
  return {
    orderViolations: sum('orderViolations'),
    lost: sum('lost'),
    doubled: sum('doubled'),
    calls: sum('calls'),
    effects: sum('effects'),
  };
}
