/** Data and positions: backup, copy, and where applying begins. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownSchema } from '../model.ts';
import { noteInexact } from '../repair/exact.ts';
import { type ApplyContext, beginAt, binlogPosition, type Of, oneValue, serverOf, setMark } from './apply-context.ts';
import type { CopyFor } from './code.ts';
import { type Server, unlogged } from './connect.ts';
import { formatGtids, inDomain } from './gtid.ts';
import { type Dumped, dumpDatabases, loadDump, saveLog } from './programs.ts';

const setupFence = 'setup-fence';

/** Read-only for customers until the pair is made. */
export async function fence(server: Server): Promise<void> {
  if ((await oneValue(server, 'SELECT @@GLOBAL.read_only')) === '1') return;
  await unlogged(server, (session) =>
    session.rows('REPLACE INTO ??.local_mark (name, value) VALUES (?, ?)', [ownSchema, setupFence, '1']),
  );
  await server.rows('SET GLOBAL read_only = 1');
}

/** Copies what is about to be overwritten. */
export async function backUp(context: ApplyContext, step: Of<'backup'>): Promise<void> {
  const server = serverOf(context, step.master);
  const place = join(await context.folder.backup(step.master), 'databases.sql.gz');
  await dumpDatabases(server, step.databases, place, { position: false, wanted: 'itself' });
  context.tell(`${server.side.name}: backup of ${step.databases.length} databases: ${place}`);
}

async function keepLog(context: ApplyContext, server: Server): Promise<void> {
  const place = join(await context.folder.backup(server.side.id), 'binlog');
  const first = await oneValue(server, 'SHOW BINARY LOGS');
  await saveLog(server.side, first, place);
  context.tell(`${server.side.name}: old binary log: ${place}`);
}

/** Begins a new binary log; the old one is saved. */
export async function resetLog(context: ApplyContext, step: Of<'reset-log'>): Promise<void> {
  const server = serverOf(context, step.master);
  await keepLog(context, server);
  await server.rows('RESET MASTER');
  context.reset.add(step.master);
}

/** Copies databases from one master to the other. */
export async function seed(context: ApplyContext, step: Of<'seed'>): Promise<void> {
  const [source, target] = [serverOf(context, step.from), serverOf(context, step.to)];
  await setMark(target, { kind: 'seeding', from: step.from, databases: step.databases });
  context.crash('dbsync.seed-marked');
  const file = join(context.folder.seeds, `${step.from}-${step.to}.sql.gz`);
  const copy: Dumped = await dumpDatabases(source, step.databases, file, {
    position: true,
    wanted: await copyFor(target),
  });
  context.crash('dbsync.seed-copied');
  await loadDump(target.side, copy.file);
  await rm(copy.file);
  await noteInexact(source, target, step.databases);
  context.copied.set(`${step.from}→${step.to}`, copy.position);
  if (step.untransactional > 0) context.overlapping.add(step.to);
}

/** What a copy is made for, when it is made for another server. */
export async function copyFor(target: Server): Promise<CopyFor> {
  return { serverId: Number(await oneValue(target, 'SELECT @@GLOBAL.server_id')) };
}

/** Notes where a master begins to apply what the other wrote. */
export async function position(context: ApplyContext, step: Of<'position'>): Promise<void> {
  const [server, source] = [serverOf(context, step.master), serverOf(context, step.source)];
  const copied = context.copied.get(`${step.source}→${step.master}`);
  const told = copied ?? (context.reset.has(step.source) ? await binlogPosition(source) : step.at);
  const domain = Number(await oneValue(server, 'SELECT @@GLOBAL.gtid_domain_id'));
  const own = await binlogPosition(server);
  const known = inDomain(told, domain);
  await server.rows('STOP SLAVE');
  if (known !== undefined && known.seq > (inDomain(own, domain)?.seq ?? -1n)) {
    // The other remembers more of this master than it does itself: it goes on counting from there.
    await keepLog(context, server);
    await server.rows('RESET MASTER');
    await server.rows('SET GLOBAL gtid_binlog_state = ?', [formatGtids(told)]);
    await server.rows('FLUSH BINARY LOGS');
    context.reset.add(step.master);
  }
  // The other's place in this master's own domain too: beyond it, such as at the end of one's own log, is a place that
  // the other's log lacks for ever, and a connection that asks for it is refused (1236).
  await beginAt(server, told);
  await setMark(server, { kind: 'positioned' });
}

/** Lifts our fence and notes that the pair is made. */
export async function paired(context: ApplyContext, server: Server): Promise<void> {
  const fenced = await oneValue(server, 'SELECT 1 FROM ??.local_mark WHERE name = ?', [ownSchema, setupFence]);
  // Only the fence of this or an interrupted earlier setup: one that failover set is not ours to lift.
  if (fenced !== '') await server.rows('SET GLOBAL read_only = 0');
  await unlogged(server, (session) =>
    session.rows('DELETE FROM ??.local_mark WHERE name = ?', [ownSchema, setupFence]),
  );
  await setMark(server, { kind: 'paired' });
  context.crash('dbsync.paired');
}

/** Forgets a replication without a sound position. */
export async function forget(context: ApplyContext, step: Of<'forget'>): Promise<void> {
  const server = serverOf(context, step.master);
  const place = join(await context.folder.backup(step.master), 'replication.json');
  await writeFile(place, JSON.stringify(await server.rows('SHOW ALL SLAVES STATUS'), undefined, 1), { mode: 0o600 });
  context.tell(`${server.side.name}: old replication settings: ${place}`);
  await server.rows('STOP SLAVE');
  await server.rows('RESET SLAVE ALL');
}
