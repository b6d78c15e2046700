/** Repairs and acceptance: what people decide about findings, carried out by operations and never by direct writes. */
import type { Actor } from '../auth/actor.ts';
import { Invalid, NotFound, Refused } from '../errors.ts';
import { activeMaster } from '../operations/active.ts';
import type { Client, Deps } from '../operations/deps.ts';
import type { Door, Operations } from '../operations/model.ts';
import type { BatchAnswer } from '../whm/batch.ts';
import { type FindingRow, findingOf } from './findings.ts';
import { kindOf } from './kinds/index.ts';
import type { Finding, Repair, RepairInput, Side, Value } from './model.ts';
import { askOnce } from './observe.ts';
import { differingFields, suggested } from './plan.ts';
import { brake, type Limits, type Veto, vetoesOf } from './safety.ts';

export interface ApplyDeps extends Pick<Deps, 'journal' | 'masters' | 'log'> {
  readonly clients: ReadonlyMap<string, Client>;
  readonly operations: Pick<Operations, 'accept'>;
  readonly limits: Limits;
}

/** What a repair of one finding would do. */
export interface Preview {
  readonly finding: Finding;
  /** The master that is followed. */
  readonly from: string;
  readonly steps: readonly Repair[];
  /** Why nothing is done: what Tandem cannot do, or vetoes. Empty: it can go. */
  readonly objections: readonly string[];
}

export interface Previews {
  readonly each: readonly Preview[];
  /** Vetoes on the whole, which a person may lift. */
  readonly brakes: readonly Veto[];
}

const MOST = 500;

export async function findingsById(
  { journal }: Pick<Deps, 'journal'>,
  ids: readonly string[],
): Promise<readonly Finding[]> {
  if (ids.length === 0)
    throw new Invalid('no difference was named', [{ path: 'finding', message: 'name at least one' }]);
  if (ids.length > MOST)
    throw new Invalid(`at most ${MOST} differences at a time`, [{ path: 'finding', message: 'too many' }]);
  const rows: FindingRow[] = await journal.read((db) =>
    db
      .selectFrom('findings')
      .selectAll()
      .where('id', 'in', [...ids])
      .execute(),
  );
  return ids.map((id) => {
    const row = rows.find((r) => r.id === id);
    if (row === undefined) throw new NotFound(`there is no difference ${id}`, { hint: 'See: tandem drift list' });
    return findingOf(row);
  });
}

/** What would be done; `from` undefined: each follows the suggested master. Reads masters only for keys and hashes. */
export async function preview(
  deps: ApplyDeps,
  ids: readonly string[],
  from: string | undefined,
  meant: boolean,
): Promise<Previews> {
  if (from !== undefined && !deps.masters.list.some((m) => m.id === from))
    throw new Invalid(`there is no master ${from}`, [{ path: 'from', message: 'name a configured master' }]);
  const findings = await findingsById(deps, ids);
  const each: Preview[] = [];
  for (const finding of findings) each.push(await previewOf(deps, finding, from));
  each.sort((a, b) => (kindOf(a.finding.kind)?.rank ?? 0) - (kindOf(b.finding.kind)?.rank ?? 0));
  return {
    each,
    brakes: brake(
      each.filter((p) => p.objections.length === 0).map((p) => p.steps),
      deps.limits,
      meant,
    ),
  };
}

async function previewOf(deps: ApplyDeps, finding: Finding, wanted: string | undefined): Promise<Preview> {
  const active = await deps.journal.read(async (db) => (await activeMaster(deps, db, finding.account)).master);
  const from = wanted ?? suggested(finding.sides, finding.expects, active);
  const { steps, objections } = await planOf(deps, finding, from);
  return { finding, from, steps, objections };
}

/** A repair, planned. */
export interface Planned {
  /** What it is about: 'Mailboxes: post@bob.example'. */
  readonly about: string;
  /** Its place among the kinds. */
  readonly rank: number;
  readonly steps: readonly Repair[];
  readonly objections: readonly string[];
}

/** The steps that make the other masters like `from`, and what speaks against them. */
export async function planOf(
  deps: ApplyDeps,
  finding: Pick<Finding, 'kind' | 'account' | 'name' | 'sides' | 'origin' | 'state'>,
  from: string,
): Promise<Planned> {
  const kind = kindOf(finding.kind);
  const right = finding.sides.find((s) => s.master === from);
  const about = `${kind?.title ?? finding.kind}: ${finding.name}`;
  if (kind === undefined || right === undefined)
    return {
      about,
      rank: 0,
      steps: [],
      objections: ['It was noted by an operation; the next comparison says what exactly differs.'],
    };
  const steps: Repair[] = [];
  const objections: string[] = [];
  for (const side of others(finding, right)) {
    const input = { account: finding.account, name: finding.name, from: right, to: side, masters: deps.masters };
    const planned = kind.repair({ ...input, fetched: await fetched(deps, kind.fetch?.(input) ?? [], from) });
    if (planned.ok) steps.push(...planned.steps);
    else objections.push(planned.reason);
  }
  objections.push(...vetoesOf(finding, steps).map((v) => v.sentence));
  return { about, rank: kind.rank, steps, objections };
}

/** The sides that are not as the right one; where all are alike and wrong, the others stand for all. */
function others(finding: Pick<Finding, 'kind' | 'sides'>, right: Side): readonly Side[] {
  const rest = finding.sides.filter((s) => s.master !== right.master);
  const different = rest.filter((s) => !alike(finding.kind, s.value, right.value));
  return different.length > 0 ? different : rest.slice(0, 1);
}

function alike(kind: string, a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return differingFields(kindOf(kind) ?? {}, a, b).length === 0;
}

/** An unread key is no failure here: the kind says what it means. */
async function fetched(
  deps: ApplyDeps,
  calls: Parameters<typeof askOnce>[2],
  master: string,
): Promise<RepairInput['fetched']> {
  if (calls.length === 0) return [];
  try {
    return await askOnce(
      { clients: deps.clients, masters: deps.masters, called: () => {}, now: () => 0 },
      master,
      calls,
    );
  } catch (error) {
    deps.log.warn({ master, reason: String(error) }, 'what a repair needs could not be read');
    return calls.map((): BatchAnswer => ({ ok: undefined, reason: String(error) }));
  }
}

export interface RepairRequest {
  readonly ids: readonly string[];
  /** The master that is followed; undefined: the suggested one of each. */
  readonly from?: string;
  /** The person means it although it is much. */
  readonly meant?: boolean;
  readonly actor: Actor;
  readonly door: Door;
}

export interface Repaired {
  readonly finding: string;
  readonly operations: readonly string[];
  /** Why nothing was done about it. */
  readonly objections: readonly string[];
}

/** Accepts the operations that repair; each finding has its own outcome. Throws Refused when the brake holds. */
export async function repair(deps: ApplyDeps, request: RepairRequest): Promise<readonly Repaired[]> {
  const { each, brakes } = await preview(deps, request.ids, request.from, request.meant ?? false);
  const held = brakes[0];
  if (held !== undefined)
    throw new Refused(held.sentence, { hint: 'Look at a few of them first; then say that you mean it (--yes-many).' });
  const outcomes: Repaired[] = [];
  for (const one of each) outcomes.push(await repairOne(deps, request, one));
  return outcomes;
}

async function repairOne(deps: ApplyDeps, request: RepairRequest, one: Preview): Promise<Repaired> {
  const { finding } = one;
  if (one.objections.length > 0) return { finding: finding.id, operations: [], objections: one.objections };
  const operations: string[] = [];
  try {
    for (const step of one.steps) {
      const { action, params, only } = step;
      const view = await deps.operations.accept({
        action,
        params: defined(params),
        only,
        actor: request.actor,
        door: request.door,
      });
      operations.push(view.id);
    }
  } catch (error) {
    if (!isExpected(error)) throw error;
    if (operations.length > 0) await mark(deps, finding.id, operations);
    return { finding: finding.id, operations, objections: [error.message] };
  }
  await mark(deps, finding.id, operations);
  return { finding: finding.id, operations, objections: [] };
}

function isExpected(error: unknown): error is Error {
  return error instanceof Error && 'code' in error;
}

function defined(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );
}

async function mark(deps: ApplyDeps, id: string, operations: readonly string[]): Promise<void> {
  await deps.journal.write((db) =>
    db
      .updateTable('findings')
      .set({ state: 'repairing', repair_operation: operations.at(-1) ?? null, resolved_at: null })
      .where('id', '=', id)
      .where('state', 'in', ['open', 'accepted'])
      .execute(),
  );
}

/** Says that differences are wanted as they are. They come back when they change. */
export async function acceptAsWanted(
  deps: Pick<Deps, 'journal'>,
  ids: readonly string[],
  actor: Actor,
): Promise<readonly Finding[]> {
  await findingsById(deps, ids);
  await deps.journal.write((db) =>
    db
      .updateTable('findings')
      .set({ state: 'accepted', resolved_at: deps.journal.now(), decided_by: actor.name })
      .where('id', 'in', [...ids])
      .where('state', '=', 'open')
      .execute(),
  );
  return findingsById(deps, ids);
}
