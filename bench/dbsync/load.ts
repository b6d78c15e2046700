/** Writers and probes on a pair of servers. */
import { type Connection, createConnection } from 'mysql2/promise';
import type { PairMember } from '../../test/redis/dbsync/pair.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Load {
  /** Rows written so far, by side. */
  readonly written: readonly [number, number];
  stop(): Promise<void>;
}

/** Several connections on each side, each committing one row at a time at the wanted rate. */
export async function startLoad(members: readonly [PairMember, PairMember], perSecond: number): Promise<Load> {
  const connections = 4;
  const written: [number, number] = [0, 0];
  let going = true;
  async function writer(side: 0 | 1): Promise<void> {
    const connection = await createConnection({ socketPath: members[side].side.access.socket ?? '', user: 'root' });
    const begun = Date.now();
    let mine = 0;
    while (going) {
      await connection.query("INSERT INTO bench.w (who, v) VALUES (?, REPEAT('x', 150))", [side]);
      mine += 1;
      written[side] += 1;
      const ahead = (mine * 1000 * connections) / perSecond - (Date.now() - begun);
      if (ahead > 1) await sleep(ahead);
    }
    await connection.end();
  }
  const all = ([0, 1] as const).flatMap((side) => Array.from({ length: connections }, () => writer(side)));
  return {
    written,
    async stop() {
      going = false;
      await Promise.all(all);
    },
  };
}

async function arrival(on: Connection, id: number): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const [rows] = await on.query('SELECT 1 FROM bench.p WHERE id = ?', [id]);
    const waited = performance.now() - begun;
    if (Array.isArray(rows) && rows.length > 0) return waited;
    if (waited > 60_000) throw new Error('a probe did not arrive within a minute');
    await sleep(1);
  }
}

/** Milliseconds from a commit on the first server until the second shows it, one value a probe. */
export async function probe(members: readonly [PairMember, PairMember], count: number): Promise<readonly number[]> {
  const open = (one: PairMember): Promise<Connection> =>
    createConnection({ socketPath: one.side.access.socket ?? '', user: 'root' });
  const [a, b] = [await open(members[0]), await open(members[1])];
  const found: number[] = [];
  for (let n = 0; n < count; n++) {
    const [made] = await a.query('INSERT INTO bench.p () VALUES ()');
    found.push(await arrival(b, 'insertId' in made ? made.insertId : 0));
  }
  await Promise.all([a.end(), b.end()]);
  return found;
}

/** Seconds until both hold what both wrote, and how many rows are missing then (0 unless it gave up). */
export async function catchUp(
  members: readonly [PairMember, PairMember],
  written: readonly [number, number],
): Promise<{ readonly seconds: number; readonly lost: number }> {
  const begun = performance.now();
  for (;;) {
    const counts = await Promise.all(members.map((one) => one.sql('SELECT COUNT(*) AS n FROM bench.w')));
    const missing = counts.map((rows) => written[0] + written[1] - Number(rows[0]?.['n']));
    const seconds = (performance.now() - begun) / 1000;
    if (missing.every((one) => one === 0)) return { seconds, lost: 0 };
    if (seconds > 120) return { seconds, lost: Math.max(...missing) };
    await sleep(50);
  }
}
