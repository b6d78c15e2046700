import type { WatcherSeen } from '../../../failover/portal/desk.ts';
import type { LightModel } from './light.ts';
import type { Reader, TimeReader } from './reader.ts';
import { inShownNames } from './shown-names.ts';
import { clock } from './time.ts';

/** What the watchers' own word adds to the light: where the names are, and whether anybody watches. */

const href = '/switchover';
/** A watcher that was not asked yet is no news, milliseconds. */
const settleMs = 15_000;

/** '13:44' today, '12 Nov 13:44' before; UTC. */
function hour(iso: string, reader: TimeReader): string {
  const { text } = clock(iso, reader);
  return /^\d\d:\d\d:\d\d$/.test(text) ? text.slice(0, 5) : text;
}

function awayLight(seen: NonNullable<WatcherSeen['seen']>, reader: Reader): LightModel {
  const { say, names } = reader;
  const last = seen.orders.filter(({ account }) => account === undefined).at(-1);
  const where = names(seen.active?.pair ?? last?.to ?? '');
  const sentence =
    last === undefined
      ? say('light.running', { where })
      : say('light.running.since', { where, since: hour(last.at, reader) });
  return { tone: 'failed-over', symbol: '⇄', sentence, href };
}

/**
 * The light of names and watchers; undefined while there is nothing to say. `begun`: when the portal started to ask,
 * epoch milliseconds.
 */
export function namesLight(watchers: readonly WatcherSeen[], begun: number, reader: Reader): LightModel | undefined {
  const { say, now } = reader;
  const answering = watchers.flatMap((one) => (one.why === undefined && one.seen !== undefined ? [one.seen] : []));
  if (answering.length === 0) {
    if (watchers.length === 0 || now - begun < settleMs) return undefined;
    return { tone: 'unknown', symbol: '?', sentence: say('light.no-watcher'), href };
  }
  const conflict = answering.find((one) => one.conflict.length > 0);
  if (conflict !== undefined) return { tone: 'degraded', symbol: '▲', sentence: say('light.conflict'), href };
  const away = answering.find(({ light }) => light === 'failed-over');
  if (away !== undefined) return awayLight(away, reader);
  const masters = answering.flatMap((one) => one.masters);
  const bad = masters.find(({ state }) => state !== 'steady' && state !== 'unknown');
  if (bad !== undefined) {
    const ids = masters.map(({ id }) => id);
    const reason = inShownNames(bad.sentence, ids, reader.names);
    return { tone: 'degraded', symbol: '▲', sentence: say('light.degraded', { reason }), href };
  }
  const silent = watchers.find(({ why }) => why !== undefined);
  if (silent !== undefined && now - begun >= settleMs)
    return { tone: 'degraded', symbol: '▲', sentence: say('light.silent', { watcher: silent.id }), href };
  return undefined;
}

/** Which of two lights people need to see: both masters away is worst, then where the names are. */
export function brighter(own: LightModel, theirs: LightModel | undefined): LightModel {
  if (theirs === undefined || own.tone === 'down') return own;
  if (theirs.tone === 'failed-over') return theirs;
  return own.tone === 'degraded' || own.tone === 'read-only' || own.tone === 'unknown' ? own : theirs;
}
