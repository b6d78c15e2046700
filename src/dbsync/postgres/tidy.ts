/** Carries out what tidy-plan.ts says, while nobody else changes the pair. May be ended anywhere and run again. */
import { alonePg } from './alone.ts';
import { maintenance, oneValue, type PgServer } from './connect.ts';
import { stay } from './leave.ts';
import { dropOrigin, dropSlot, type LinkDeps, otherOf, unlinkOn } from './link.ts';
import { slotBegin, slotName } from './names.ts';
import { type TidyStep, tidyPlan } from './tidy-plan.ts';
import { pgGlance, pgNote } from './watch.ts';

function serverOf(deps: LinkDeps, id: string): PgServer {
  const found = deps.servers.find((one) => one.side.id === id);
  if (found === undefined) throw new RangeError(`no master is called ${id}`);
  return found;
}

/** The slot under its database's name, from the same place on. A copy belongs to the database that it is made in. */
async function copySlot(server: PgServer, database: string, from: string, to: string): Promise<void> {
  await server.in(database, async (session) => {
    if ((await oneValue(session, 'SELECT 1 FROM pg_replication_slots WHERE slot_name = $1', [to])) === '')
      await session.rows('SELECT pg_copy_logical_replication_slot($1, $2)', [from, to]);
  });
}

async function copyOrigin(server: PgServer, from: string, to: string): Promise<void> {
  await server.in(maintenance, async (session) => {
    await session.rows('BEGIN');
    const has = await oneValue(session, 'SELECT 1 FROM pg_replication_origin WHERE roname = $1', [to]);
    const place =
      has === '1'
        ? ''
        : await oneValue(
            session,
            'SELECT pg_replication_origin_progress(roname, true)::text FROM pg_replication_origin WHERE roname = $1',
            [from],
          );
    if (place !== '') {
      await session.rows('SELECT pg_replication_origin_create($1)', [to]);
      await session.rows('SELECT pg_replication_origin_advance($1, $2)', [to, place]);
    }
    await session.rows('COMMIT');
  });
}

/** All that is new is there on both before anything old goes: whatever is carried meanwhile has its place. */
async function followName(deps: LinkDeps, database: string, ending: string): Promise<void> {
  const { servers, clock } = deps;
  const old = (to: PgServer): string => slotBegin(to.side.id) + ending;
  for (const server of servers) {
    const to = otherOf(servers, server);
    await copySlot(server, database, old(to), slotName(to.side.id, database));
  }
  for (const server of servers) await copyOrigin(server, old(server), slotName(server.side.id, database));
  // The mark went with the database to its new name; no note says so.
  for (const server of servers) await stay(server, database);
  deps.crash('dbsync.pg-name-followed');
  for (const server of servers) {
    await dropSlot(server, clock, old(otherOf(servers, server)));
    await dropOrigin(server, clock, old(server));
  }
}

async function act(deps: LinkDeps, step: TidyStep): Promise<void> {
  const { servers, clock } = deps;
  switch (step.kind) {
    case 'follow':
      return await followName(deps, step.database, step.ending);
    case 'unlink': {
      const server = serverOf(deps, step.on);
      deps.tell(`${step.database} is gone from the other master: ${server.side.name} keeps it, and no log for it`);
      return await unlinkOn(server, otherOf(servers, server), step.database, clock);
    }
    case 'drop-slot':
      return await dropSlot(serverOf(deps, step.on), clock, step.slot);
    case 'drop-origin':
      return await dropOrigin(serverOf(deps, step.on), clock, step.origin);
    case 'stay':
      return await stay(serverOf(deps, step.on), step.database);
    case 'forget':
      return await pgNote(serverOf(deps, step.on), step.note, undefined);
  }
}

/** Looks anew, alone, and tidies. Throws Refused while another process changes the pair. */
export async function tidyUp(deps: LinkDeps): Promise<void> {
  await alonePg(deps.servers, async () => {
    const [a, b] = deps.servers;
    for (const step of tidyPlan(await pgGlance(a), await pgGlance(b))) await act(deps, step);
  });
}
