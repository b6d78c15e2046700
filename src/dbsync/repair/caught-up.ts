/** Waiting until each server has what the other had written. */
import { binlogPosition, oneValue } from '../mariadb/apply-context.ts';
import type { Server } from '../mariadb/connect.ts';
import { formatGtids, type Gtid } from '../mariadb/gtid.ts';
import { DatabaseWaits } from '../model.ts';

const waitSeconds = 60;

/** What a server has written itself: the part of its log that the other must apply. */
export async function ownPosition(server: Server): Promise<readonly Gtid[]> {
  const domain = Number(await oneValue(server, 'SELECT @@GLOBAL.gtid_domain_id'));
  return (await binlogPosition(server)).filter((one) => one.domain === domain);
}

/** Waits until `to` has applied all that is named. Throws DatabaseWaits when it does not within a minute. */
export async function hasApplied(to: Server, wanted: readonly Gtid[]): Promise<void> {
  if (wanted.length === 0) return;
  const answer = await oneValue(to, 'SELECT MASTER_GTID_WAIT(?, ?)', [formatGtids(wanted), waitSeconds]);
  if (answer !== '0') throw new DatabaseWaits(`${to.side.name} does not catch up.`, { hint: 'See: tandem db status' });
}

/** Waits until both have all that the other had written when this was called. */
export async function caughtUp(servers: readonly [Server, Server]): Promise<void> {
  const [a, b] = servers;
  const [fromA, fromB] = await Promise.all([ownPosition(a), ownPosition(b)]);
  await Promise.all([hasApplied(b, fromA), hasApplied(a, fromB)]);
}
