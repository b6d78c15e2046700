/** Connections: Tandem's own schema, the account, and receiving from the other master. */
import { makeConflictTable } from '../conflicts/store.ts';
import { DatabaseFailed, ownSchema } from '../model.ts';
import {
  type ApplyContext,
  binlogPosition,
  newPassword,
  type Of,
  oneValue,
  peerOf,
  serverOf,
  until,
} from './apply-context.ts';
import { type Server, unlogged } from './connect.ts';
import { keepFilter } from './filter.ts';
import { formatGtids } from './gtid.ts';
import { readReplicas, replicationUser } from './observe.ts';

const connectMs = 60_000;

/** Receives from the other with a new password. */
export async function connect(context: ApplyContext, step: Of<'connect'>): Promise<void> {
  const [server, source] = [serverOf(context, step.master), serverOf(context, step.source)];
  const password = newPassword();
  await unlogged(source, (session) =>
    session.rows('ALTER USER ?@? IDENTIFIED BY ?', [replicationUser, server.side.access.from, password]),
  );
  const { host, port } = source.side.access.peer;
  await server.rows('STOP SLAVE');
  await server.rows(
    `CHANGE MASTER TO MASTER_HOST = ?, MASTER_PORT = ?, MASTER_USER = ?, MASTER_PASSWORD = ?,
      MASTER_USE_GTID = slave_pos, MASTER_SSL = 1, MASTER_CONNECT_RETRY = 2, MASTER_HEARTBEAT_PERIOD = 2`,
    [host, port, replicationUser, password],
  );
  if (context.overlapping.has(step.master)) await catchUpOverlapping(context, server, source);
  await start(context, server);
}

/** Tables without transactions were copied while they were written: rows that are there already are no conflict. */
async function catchUpOverlapping(context: ApplyContext, server: Server, source: Server): Promise<void> {
  const target = formatGtids(await binlogPosition(source));
  await server.rows("SET GLOBAL slave_exec_mode = 'IDEMPOTENT'");
  await start(context, server);
  const ok = await until(
    context.clock,
    connectMs * 10,
    async () => (await oneValue(server, 'SELECT MASTER_GTID_WAIT(?, 5)', [target])) === '0',
  );
  if (!ok) throw new DatabaseFailed(`${server.side.name} does not catch up with ${source.side.name}.`);
  await server.rows('STOP SLAVE');
  await server.rows("SET GLOBAL slave_exec_mode = 'STRICT'");
}

/** Starts receiving and waits until it runs. Throws DatabaseFailed with the server's own reason. */
export async function start(context: Pick<ApplyContext, 'clock'>, server: Server): Promise<void> {
  await keepFilter(server);
  await server.rows('START SLAVE');
  let why = 'it does not connect';
  const ok = await until(context.clock, connectMs, async () => {
    const { replica } = await readReplicas(server);
    why = replica?.sqlError || replica?.ioError || why;
    if (replica !== undefined && (replica.sqlErrno !== 0 || replica.ioErrno === 1236)) throw failed(server, why);
    return replica?.io === 'Yes' && replica.sql === 'Yes';
  });
  if (!ok) throw failed(server, why);
}

function failed({ side }: Server, why: string): DatabaseFailed {
  return new DatabaseFailed(`${side.name} does not receive: ${why}`, { hint: 'See: tandem db status' });
}

/** A replica that stops again with its reason is looked at anew: the next plan knows what that reason needs. */
export async function tryStart(context: ApplyContext, step: Of<'start'>): Promise<void> {
  const server = serverOf(context, step.master);
  try {
    await start(context, server);
  } catch (error) {
    const { replica } = await readReplicas(server);
    const isTold = replica !== undefined && (replica.sqlErrno !== 0 || replica.ioErrno === 1236);
    if (!(error instanceof DatabaseFailed) || !isTold) throw error;
    context.tell(error.message);
    context.restarted.add(step.master);
  }
}

/** Makes Tandem's own schema on one server. */
export async function makeOwnSchema(context: ApplyContext, step: Of<'own-schema'>): Promise<void> {
  await unlogged(serverOf(context, step.master), async (session) => {
    await session.rows('CREATE DATABASE IF NOT EXISTS ??', [ownSchema]);
    await session.rows(
      `CREATE TABLE IF NOT EXISTS ??.heartbeat (master VARCHAR(16) NOT NULL PRIMARY KEY, seq BIGINT NOT NULL,
        at DOUBLE NOT NULL) ENGINE=InnoDB`,
      [ownSchema],
    );
    await session.rows(
      `CREATE TABLE IF NOT EXISTS ??.local_mark (name VARCHAR(128) NOT NULL PRIMARY KEY, value MEDIUMTEXT NOT NULL,
        at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP) ENGINE=InnoDB`,
      [ownSchema],
    );
    await makeConflictTable(session);
    for (const id of Object.keys(context.servers))
      await session.rows('INSERT IGNORE INTO ??.heartbeat VALUES (?, 0, 0)', [ownSchema, id]);
  });
}

/** Makes the replication account. */
export async function makeAccount(context: ApplyContext, step: Of<'account'>): Promise<void> {
  const { from } = peerOf(context, step.master).side.access;
  await unlogged(serverOf(context, step.master), async (session) => {
    const who = [replicationUser, from];
    await session.rows('CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ? REQUIRE SSL', [...who, newPassword()]);
    await session.rows('ALTER USER ?@? REQUIRE SSL', who);
    await session.rows('REVOKE ALL PRIVILEGES, GRANT OPTION FROM ?@?', who);
    await session.rows('GRANT REPLICATION SLAVE ON *.* TO ?@?', who);
  });
}
