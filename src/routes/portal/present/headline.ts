import type { LegView, OperationView } from '../../../operations/model.ts';
import { undoModel, wasUndone } from './grace.ts';
import { listed, type Reader } from './reader.ts';

/** One sentence: what is saved where, and what the rest waits for. 'Saved' alone is only said when all have it. */
export function headline(view: OperationView, reader: Reader): string {
  const { say, names } = reader;
  const namesOf = (legs: readonly LegView[]): string =>
    listed(
      legs.map((leg) => names(leg.master)),
      say,
    );
  const legsDone = view.legs.filter((leg) => leg.state === 'done');
  const done = namesOf(legsDone);
  const rest = view.legs.filter((leg) => !['done', 'skipped', 'withdrawn'].includes(leg.state));
  switch (view.state) {
    case 'done':
      return say(legsDone.length === view.legs.length ? 'headline.done' : 'headline.done.only', { done });
    case 'refused':
      return refusal(view, reader);
    case 'withdrawn':
      return say(wasUndone(view) ? 'headline.undone' : 'headline.withdrawn');
    case 'undecided':
      return say('headline.undecided', { cause: causeOf(rest, reader) });
    case 'following':
      return say('headline.following', { done, rest: namesOf(rest), cause: causeOf(rest, reader) });
    case 'accepted': {
      if (undoModel(view, reader) !== undefined) return say('headline.grace');
      const lead = rest.filter((leg) => leg.master === view.lead);
      return say('headline.accepted', { lead: names(view.lead), cause: causeOf(lead, reader) });
    }
  }
}

function causeOf(legs: readonly LegView[], { say }: Reader): string {
  for (const leg of legs) {
    if (leg.state === 'held') return ` (${say('operation.state.held')})`;
    if (leg.waitsFor !== undefined) return ` (${leg.waitsFor.sentence})`;
  }
  return '';
}

function refusal(view: OperationView, { say, names }: Reader): string {
  const leg = view.legs.find((one) => one.state === 'refused' && one.error !== undefined);
  if (leg?.error === undefined) return say('headline.refused');
  return say('headline.refused.by', { name: names(leg.master), reason: leg.error.message });
}
