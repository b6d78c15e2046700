/** What masters say, drawn from memory: a page never waits for one. */
import type { Known } from '../portal/remembered.ts';
import type { Block } from '../portal/sheet.ts';
import type { Visit } from './visit.ts';

/** The blocks of what is known; says what is awaited, why it is missing, or how old it is. */
export function knownBlocks<T>(visit: Visit, known: Known<T>, draw: (value: T) => readonly Block[]): readonly Block[] {
  const { say } = visit;
  const stale = known.old ? { stale: true } : {};
  if (known.value === undefined && known.problem === '') return [{ kind: 'unread', text: say('live.unread') }];
  if (known.value === undefined)
    return [
      { kind: 'text', text: say('live.problem', { reason: visit.plain(known.problem) }), tone: 'note', ...stale },
    ];
  const age = visit.ago(new Date(known.at).toISOString()).text;
  return [
    ...draw(known.value),
    { kind: 'text', text: say('live.read', { site: visit.siteOf(known.from), age }), tone: 'meta', ...stale },
  ];
}

/** The value, or what stands in its place: for small facts that may be missing. */
export function knownOr<T, E>(known: Known<T>, otherwise: E): T | E {
  return known.value === undefined ? otherwise : known.value;
}
