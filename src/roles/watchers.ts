/** The portal's line to the watchers: opened by the web role where watchers are configured. */
import { readFile } from 'node:fs/promises';
import { systemClock } from '../clock.ts';
import type { WatchersConfig } from '../config-watchers.ts';
import { messageOf } from '../errors.ts';
import { type PeerTls, peerClient } from '../failover/peers/tls.ts';
import { type AllWatchers, closedDesk, openDesk, type WatchDesk } from '../failover/portal/desk.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Logger } from '../log.ts';

async function tlsOf({ tls }: WatchersConfig): Promise<PeerTls> {
  const [ca, cert, key] = await Promise.all([tls.ca, tls.cert, tls.key].map((file) => readFile(file, 'utf8')));
  if (ca === undefined || cert === undefined || key === undefined) throw new RangeError('three files are read');
  return { ca, cert, key };
}

/** Begins to ask the watchers; without a certificate the desk says so, and the rest of the portal works. */
export async function openWatchers(
  config: WatchersConfig,
  { log, lifecycle }: { readonly log: Logger; readonly lifecycle: Lifecycle },
): Promise<WatchDesk & AllWatchers> {
  const ids = config.watchers.map(({ id }) => id);
  let tls: PeerTls;
  try {
    tls = await tlsOf(config);
  } catch (error) {
    const problem = `The portal has no certificate for the watchers: ${messageOf(error)}`;
    log.warn({ reason: messageOf(error) }, 'watchers cannot be asked');
    return closedDesk(
      ids,
      `${problem}. Copy the folder “portal” that tandem watch pair made to watch/portal in stateDir.`,
    );
  }
  const lines = config.watchers.map(({ id, url }) => ({ id, client: peerClient(id, url, tls) }));
  const desk = openDesk({ lines, clock: systemClock, log, signal: lifecycle.signal });
  lifecycle.onClose('watchers', async () => {
    for (const { client } of lines) client.close();
    await desk.ended;
  });
  return desk;
}
