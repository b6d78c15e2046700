import type { Order } from './orders.ts';

/**
 * Which of several contradicting orders stands, once the watchers hear each other again. Both compute it from the same
 * two views, so both write the same: the one whose target more of them see serving; then the one with the higher epoch;
 * then a person's; then that of the watcher whose name comes first.
 */
export function settle(heads: readonly Order[], seenServing: (master: string) => number): Order | undefined {
  const person = (order: Order): number => (order.by === 'verdict' ? 0 : 1);
  const ranked = [...heads].sort(
    (a, b) =>
      seenServing(b.to) - seenServing(a.to) || b.epoch - a.epoch || person(b) - person(a) || (a.node < b.node ? -1 : 1),
  );
  return ranked[0];
}
