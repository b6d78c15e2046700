import type { WhmCall } from '../../whm/call.ts';
import type { Outcome } from '../../whm/outcome.ts';
import { askWhmKeys, readWhmKeys, type WhmKey } from '../../whm/zone-keys.ts';
import type { AllWatchers } from './desk.ts';

/**
 * Why DS records must not be told to anybody yet: from then on resolvers refuse whatever is not signed with their keys.
 * Each watcher knows its own name servers, so each must have answered: one that is silent may have a server without them.
 */

/** Puts a question to the master that the records come from. */
export type AskMaster = (call: WhmCall) => Promise<Outcome>;

async function whyHeldAt(watchers: AllWatchers, zone: string, keys: readonly WhmKey[]): Promise<string | undefined> {
  const named = keys.map(({ tag, algorithm }) => ({ tag, algorithm }));
  const all = await watchers.askAll({ command: 'keys', zone, keys: named });
  const told = all.flatMap(({ said }) => (typeof said === 'string' ? [] : [said]));
  const open = told.find(({ exit }) => exit !== 'done');
  if (open !== undefined) return open.sentence;
  const silent = all.find(({ said }) => typeof said === 'string');
  if (silent === undefined) return undefined;
  return `Whether all name servers have the keys of ${zone} is not known: the watcher ${silent.id} does not answer.`;
}

/** undefined: they may be shown. */
export async function whyHeld(
  watchers: AllWatchers,
  zones: readonly string[],
  ask: AskMaster,
): Promise<string | undefined> {
  if (zones.length === 0) return undefined;
  const outcome = await ask(askWhmKeys(zones));
  const keys = outcome.kind === 'done' ? readWhmKeys(outcome.data) : undefined;
  if (keys === undefined) return 'The keys of the zone cannot be read from its server.';
  for (const zone of zones) {
    const own = keys.filter((key) => key.zone.toLowerCase() === zone);
    const why = own.length === 0 ? undefined : await whyHeldAt(watchers, zone, own);
    if (why !== undefined) return why;
  }
  return undefined;
}
