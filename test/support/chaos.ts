/** What the tests of the operations core share: the moves that the journal made, patience. */
import { sql } from 'kysely';
import { expect, vi } from 'vitest';
import type { LegState, MasterStatus, Request } from '../../src/operations/model.ts';
import { LEG_MOVES, mayMove, OPERATION_MOVES } from '../../src/operations/states.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import type { Journal } from '../../src/store/database.ts';
import { root, type TestPair } from './pair.ts';

export { type Chance, chanceOf } from './chance.ts';

/** Seeds of this run: TANDEM_TEST_SEED alone, or TANDEM_TEST_SEEDS many (default `few`) from TANDEM_TEST_BASE or the clock. */
export function seeds(few: number): readonly number[] {
  const one = process.env['TANDEM_TEST_SEED'];
  if (one !== undefined) return [Number(one)];
  const many = Number(process.env['TANDEM_TEST_SEEDS'] ?? few);
  const base = Number(process.env['TANDEM_TEST_BASE'] ?? Math.floor(Date.now() / 1000) % 1_000_000);
  return Array.from({ length: many }, (_, i) => base * 1000 + i);
}

export interface Moved {
  readonly kind: 'leg' | 'operation';
  readonly row: string;
  readonly from: string;
  readonly to: string;
}

/** From now on the database itself remembers every change of a state, whoever makes it. */
export async function recordMoves(journal: Journal): Promise<void> {
  await journal.write(async (db) => {
    await sql`CREATE TABLE moves_seen (kind VARCHAR(16), row_id VARCHAR(64), old VARCHAR(16), new VARCHAR(16))`.execute(
      db,
    );
    for (const [kind, table] of [
      ['leg', 'legs'],
      ['operation', 'operations'],
    ] as const) {
      const insert = sql.raw(`INSERT INTO moves_seen VALUES ('${kind}', NEW.id, OLD.state, NEW.state)`);
      const name = sql.raw(`moves_${kind}`);
      const on = sql.raw(table);
      if (journal.kind === 'sqlite') {
        await sql`CREATE TRIGGER ${name} AFTER UPDATE ON ${on} WHEN OLD.state <> NEW.state BEGIN ${insert}; END`.execute(
          db,
        );
      } else {
        await sql`CREATE TRIGGER ${name} AFTER UPDATE ON ${on} FOR EACH ROW BEGIN IF OLD.state <> NEW.state THEN ${insert}; END IF; END`.execute(
          db,
        );
      }
    }
  });
}

export function movesOf(journal: Journal): Promise<readonly Moved[]> {
  return journal.read(async (db) => {
    const result = await sql<{
      kind: Moved['kind'];
      row_id: string;
      old: string;
      new: string;
    }>`SELECT * FROM moves_seen`.execute(db);
    return result.rows.map((r) => ({ kind: r.kind, row: r.row_id, from: r.old, to: r.new }));
  });
}

/** Moves that the state table does not have, as 'leg ready→refused'. */
export function strayMoves(moves: readonly Moved[]): readonly string[] {
  const stray = moves.filter((m) => {
    const table = m.kind === 'leg' ? LEG_MOVES : OPERATION_MOVES;
    return !mayMove<string>(table, m.from, m.to);
  });
  return [...new Set(stray.map((m) => `${m.kind} ${m.from}→${m.to}`))];
}

/** Waits until every operation is final, or on hold; fails with what is open. */
export async function settled(pair: Pick<TestPair, 'core'>, timeout = 30_000): Promise<void> {
  await vi.waitFor(
    async () => {
      const open = await pair.core.operations.list({ state: 'open', limit: 500 });
      const moving = open.filter((o) => !o.legs.some((l) => l.state === 'held') && !waitsForPerson(o));
      expect(moving.map((o) => `${o.id} ${o.action} ${o.state} ${JSON.stringify(o.legs)}`)).toEqual([]);
    },
    { timeout, interval: 100 },
  );
}

type View = Awaited<ReturnType<TestPair['core']['operations']['list']>>[number];

/** Everything that is open in it waits behind an operation on hold. */
function waitsForPerson(operation: View): boolean {
  const open = operation.legs.filter((l) => !['done', 'refused', 'skipped', 'withdrawn'].includes(l.state));
  return open.every((l) => /on hold/.test(l.waitsFor?.sentence ?? ''));
}

export interface Seen {
  readonly n: number;
  readonly fn: string;
  readonly account: string;
  readonly at: number;
  readonly args: ReadonlyMap<string, string>;
}

async function ask(sim: Simulator, path: string): Promise<unknown> {
  const response = await fetch(`${sim.controlUrl}/_sim/${path}`);
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}

/** What really happened on a simulator, in order. */
export async function effectsOf(sim: Simulator): Promise<readonly Seen[]> {
  // The control port's own shape.
  const { effects } = (await ask(sim, 'effects?limit=1000000')) as {
    effects: readonly { n: number; fn: string; account: string; at: number; args: readonly [string, string][] }[];
  };
  return effects.map((e) => ({ ...e, args: new Map(e.args) }));
}

export interface SeenCall {
  readonly n: number;
  readonly function: string;
  readonly receivedAt: number;
  readonly finishedAt: number | null;
  readonly fault: string | null;
  readonly outcome: string | null;
  /** The number of its effect; null when it changed nothing. */
  readonly effect: number | null;
  readonly args: readonly (readonly [string, string])[];
}

/** Every call that a simulator got since it started. */
export async function callsOf(sim: Simulator): Promise<readonly SeenCall[]> {
  // The control port's own shape.
  return ((await ask(sim, 'calls?limit=1000000')) as { calls: readonly SeenCall[] }).calls;
}

/** What tests ask of a pair again and again. */
export function deskOf(pair: Pick<TestPair, 'core'>) {
  const { operations } = pair.core;
  const accept = (action: string, params: unknown, more: Partial<Request> = {}) =>
    operations.accept({ action, params, actor: root, door: 'cli', ...more });
  return {
    accept,
    /** Accepts and waits for the end. */
    async run(action: string, params: unknown, more: Partial<Request> = {}) {
      return operations.wait((await accept(action, params, more)).id, 'final', 20_000);
    },
    decided: (id: string) => operations.wait(id, 'decided', 20_000),
    final: (id: string) => operations.wait(id, 'final', 20_000),
    /** Waits until the leg on this master is in this state. */
    async leg(id: string, master: string, state: LegState) {
      return vi.waitFor(
        async () => {
          const leg = (await operations.get(id))?.legs.find((l) => l.master === master);
          expect(leg?.state, JSON.stringify(leg)).toBe(state);
          return leg;
        },
        { timeout: 20_000, interval: 50 },
      );
    },
  };
}

export function accountOf(name: string, more: Record<string, unknown> = {}) {
  return { account: name, domain: `${name}.example`, password: 'Sturdy-horse-42-battery', plan: 'gold', ...more };
}

/** Waits until the workers say so of a master. */
export function known(pair: Pick<TestPair, 'core'>, master: string, state: MasterStatus['state']): Promise<unknown> {
  return vi.waitFor(
    async () => {
      const { masters } = await pair.core.reads.status();
      expect(masters.find((m) => m.id === master)?.state).toBe(state);
    },
    { timeout: 15_000, interval: 50 },
  );
}

export async function countOf(sim: Simulator, fn: string): Promise<number> {
  return (await effectsOf(sim)).filter((e) => e.fn === fn).length;
}
