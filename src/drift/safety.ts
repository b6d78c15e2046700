/** What forbids a repair. Each veto is data; those with an override may be lifted by a person, which is logged. */
import type { Finding, Repair } from './model.ts';

export interface Veto {
  readonly id: 'unknown-origin' | 'destroys' | 'decided' | 'many' | 'many-removals';
  readonly sentence: string;
  /** The person may say that they mean it. */
  readonly override: boolean;
}

export interface Limits {
  /** Findings in one go that need a second word. */
  readonly many: number;
  /** Removals in one go that need a second word. */
  readonly removals: number;
}

/** Actions that take away data that may be the only copy, or that replication would carry: never by a repair. */
const destroying =
  /^(account\.terminate|mailbox\.delete|database\.delete|database-user\.delete|postgres-database\.delete|postgres-user\.delete|domain\.remove-)/;

/** Vetoes on one finding's repair. None can be lifted: the thing is then removed by hand, with its own action. */
export function vetoesOf(
  finding: Pick<Finding, 'origin' | 'state' | 'name'>,
  steps: readonly Repair[],
): readonly Veto[] {
  const vetoes: Veto[] = [];
  if (finding.state !== 'open' && finding.state !== 'accepted')
    vetoes.push({ id: 'decided', override: false, sentence: `${finding.name} is ${finding.state} already.` });
  if (steps.some((s) => destroying.test(s.action)))
    vetoes.push({
      id: 'destroys',
      override: false,
      sentence: `${finding.name} would be destroyed, and it may be the only copy.`,
    });
  if (finding.origin === undefined && steps.some((s) => s.removes))
    vetoes.push({
      id: 'unknown-origin',
      override: false,
      sentence: `Nobody knows who made ${finding.name}, so it is not removed. Follow the master that has it, accept the difference, or remove it by hand.`,
    });
  return vetoes;
}

/** Vetoes on a whole request: a brake on mass repair. */
export function brake(steps: readonly (readonly Repair[])[], limits: Limits, meant: boolean): readonly Veto[] {
  if (meant) return [];
  const removals = steps.filter((one) => one.some((s) => s.removes)).length;
  const vetoes: Veto[] = [];
  if (steps.length > limits.many)
    vetoes.push({
      id: 'many',
      override: true,
      sentence: `${steps.length} differences in one go is more than ${limits.many}: something may be wrong on a whole master.`,
    });
  if (removals > limits.removals)
    vetoes.push({
      id: 'many-removals',
      override: true,
      sentence: `${removals} removals in one go is more than ${limits.removals}.`,
    });
  return vetoes;
}
