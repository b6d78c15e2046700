import type { LegView, OperationView } from '../../../operations/model.ts';
import type { Names } from './chips.ts';

/** One sentence: what is saved where, and what the rest waits for. 'Saved' alone is only said when all have it. */
export function headline(view: OperationView, names: Names): string {
  const listed = (legs: readonly LegView[]): string => legs.map((leg) => names(leg.master)).join(' and ');
  const done = view.legs.filter((leg) => leg.state === 'done');
  const rest = view.legs.filter((leg) => !['done', 'skipped', 'withdrawn'].includes(leg.state));
  const cause = causeOf(rest);
  switch (view.state) {
    case 'done':
      return done.length === view.legs.length ? `Saved on ${listed(done)}.` : `Saved on ${listed(done)} only.`;
    case 'refused':
      return refusal(view, names);
    case 'withdrawn':
      return 'Withdrawn. Nothing was sent to any master.';
    case 'undecided':
      return `Not known yet whether it was done${cause}.`;
    case 'following':
      return `Saved on ${listed(done)}, waiting for ${listed(rest)}${cause}.`;
    case 'accepted':
      return `Accepted. Waiting for ${names(view.lead)}${causeOf(rest.filter((leg) => leg.master === view.lead))}.`;
  }
}

function causeOf(legs: readonly LegView[]): string {
  for (const leg of legs) {
    if (leg.state === 'held') return ' (on hold)';
    if (leg.waitsFor !== undefined) return ` (${leg.waitsFor.sentence})`;
  }
  return '';
}

function refusal(view: OperationView, names: Names): string {
  const leg = view.legs.find((one) => one.state === 'refused' && one.error !== undefined);
  return leg?.error === undefined ? 'Refused.' : `${names(leg.master)} refused: ${leg.error.message}`;
}
