import type { Applied } from '../apply/apply.ts';
import type { Outcome, OutcomeKind, PublishOrder, Straggler } from './model.ts';
import type { Settled } from './settle.ts';

/** What a run came to, in one sentence. Pure. */

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function kindOf(applied: Applied, stragglers: readonly Straggler[], isAborted: boolean): OutcomeKind {
  if (applied.kind !== 'written') return applied.kind;
  if (isAborted) return 'stopped';
  return stragglers.length > 0 ? 'stragglers' : 'done';
}

function sentenceOf(kind: OutcomeKind, applied: Applied, stragglers: readonly Straggler[]): string {
  const { changed, left, zones } = applied.counts;
  const rest = left === 0 ? '' : ` ${counted(left, 'zone was', 'zones were')} left alone.`;
  const wrote = `${counted(changed, 'zone', 'zones')} of ${zones} changed.`;
  switch (kind) {
    case 'done':
      return `Every name server answers as ordered. ${wrote}${rest}`;
    case 'stragglers':
      return `${wrote} Behind: ${stragglers.map(({ server, zones: n }) => `${server} (${n})`).join(', ')}. ${
        stragglers[0]?.sentence ?? ''
      }${rest}`;
    case 'asks':
      return `Nothing was changed. ${applied.vetoes.map(({ sentence }) => sentence).join(' ')} Say that it is right to go on.`;
    case 'failed':
      return `The zones could not be written: ${applied.failure ?? 'unknown'}. Every file is whole; the next try goes on.`;
    case 'stopped':
      return 'Stopped before the end. Every file is whole; the next run goes on.';
  }
}

/** The outcome of a run from what was written and what the name servers answered. */
export function outcomeOf(
  order: PublishOrder,
  applied: Applied,
  settled: readonly Settled[],
  isAborted: boolean,
): Outcome {
  const refused = settled.flatMap(({ failures }) => failures);
  const stragglers = settled.flatMap((one) => one.stragglers);
  const kind = kindOf(applied, stragglers, isAborted);
  const { counts, vetoes } = applied;
  return {
    kind,
    order: `${order.epoch}.${order.node}`,
    counts,
    left: [...applied.left, ...refused.map(({ zone, reason }) => ({ zone, line: 0, reason }))],
    stragglers,
    steps: [...applied.steps, ...settled.flatMap(({ steps }) => steps)],
    vetoes,
    sentence: sentenceOf(kind, applied, stragglers),
  };
}
