/**
 * Letting a server apply nothing until both logs were looked at, and letting it go on. A server that starts both halves
 * of its replication throws away what it had fetched, so the fetching half is left as it is wherever that can be.
 */
import type { Clock } from '../../clock.ts';
import { oneValue } from '../mariadb/apply-context.ts';
import { start } from '../mariadb/apply-link.ts';
import type { Server } from '../mariadb/connect.ts';
import { readReplicas } from '../mariadb/observe.ts';
import { conflictHold, note } from '../mariadb/watch.ts';
import { ownSchema } from '../model.ts';

export type Pair = readonly [Server, Server];

/** Why a server applies nothing, as its note says it. */
export const gateReason = JSON.stringify({ reason: conflictHold });

async function readHold(server: Server): Promise<string> {
  return await oneValue(server, "SELECT value FROM ??.local_mark WHERE name = 'hold'", [ownSchema]);
}

/** Whether a server applies nothing on purpose. */
export async function isHeld(server: Server): Promise<boolean> {
  return (await readHold(server)) !== '';
}

/** Notes that both logs are to be looked at first. Answers false when somebody else holds the server. */
async function takeHold(server: Server): Promise<boolean> {
  const held = await readHold(server);
  if (held === '') await note(server, 'hold', gateReason);
  return held === '' || held === gateReason;
}

/**
 * Lets a server apply nothing more; what it fetches waits. Answers false when somebody else holds it, and then leaves it
 * alone.
 */
export async function closeGate(server: Server): Promise<boolean> {
  if (!(await takeHold(server))) return false;
  await server.rows('STOP SLAVE SQL_THREAD');
  return true;
}

/**
 * The same at the beginning of a cut: what was fetched before is still applied, because the master that wrote it may
 * never come back. The server sees that it has reached that place when more arrives, and stops before it.
 */
export async function closeGateBehind(server: Server): Promise<boolean> {
  if (!(await closeGate(server))) return false;
  // The look after the cut then fetches no more of the log than what was written during it.
  await server.rows('FLUSH LOCAL BINARY LOGS');
  const [row] = await server.rows('SHOW SLAVE STATUS');
  const [file, at] = [row?.['Master_Log_File'] ?? '', Number(row?.['Read_Master_Log_Pos'] ?? 0)];
  const isApplied = row?.['Relay_Master_Log_File'] === file && Number(row?.['Exec_Master_Log_Pos']) >= at;
  if (file !== '' && !isApplied)
    await server.rows('START SLAVE SQL_THREAD UNTIL MASTER_LOG_FILE = ?, MASTER_LOG_POS = ?', [file, at]);
  return true;
}

/** Lets it apply freely, unless a person holds it. */
export async function openGate(deps: { readonly clock: Clock }, server: Server): Promise<void> {
  const held = await readHold(server);
  if (held !== '' && held !== gateReason) return;
  const { replica } = await readReplicas(server);
  await server.rows('STOP SLAVE SQL_THREAD');
  await server.rows('SET GLOBAL gtid_strict_mode = ON');
  await note(server, 'hold', undefined);
  if (replica === undefined || replica.io === 'No') await start(deps, server);
  else await server.rows('START SLAVE SQL_THREAD');
}

/** Lets both apply what waits as it is. One that cannot be started keeps no other shut. */
export async function openGates(deps: { readonly clock: Clock; readonly servers: Pair }): Promise<void> {
  const opened = await Promise.allSettled(deps.servers.map((server) => openGate(deps, server)));
  const failed = opened.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
