/** `tandem db setup`: observe → plan → veto → ask → apply, and again until the plan is empty. */
import type { Clock } from '../../clock.ts';
import { Refused } from '../../errors.ts';
import { alone } from './alone.ts';
import { applySteps } from './apply.ts';
import type { ApplyContext } from './apply-context.ts';
import { isEqual } from './compare.ts';
import type { Server } from './connect.ts';
import type { Folder } from './folder.ts';
import type { ServerSeen } from './model.ts';
import { observeServer } from './observe.ts';
import { needsComparing, planSetup, type SetupInput } from './plan.ts';
import type { Wishes } from './safety.ts';
import { type Step, sentenceOf } from './steps.ts';
import type { PanelRules } from './tested.ts';

export interface SetupDeps {
  readonly servers: readonly [Server, Server];
  readonly folder: Folder;
  readonly clock: Clock;
  /** cPanel's own rules for names, in the order of the servers; undefined where it could not be asked. */
  readonly panel: () => Promise<readonly (PanelRules | undefined)[]>;
  /** One line for people, as it happens. */
  readonly tell: (sentence: string) => void;
  /** Whether to do what was just listed. */
  readonly agree: () => Promise<boolean>;
  readonly crash: (point: string) => void;
  /** Whether a whole pair's rows that both changed are decided before it is started. */
  readonly decides: boolean;
}

export interface SetupResult {
  readonly changed: boolean;
  readonly steps: readonly string[];
  readonly notes: readonly string[];
}

async function comparedOf(deps: SetupDeps, seen: readonly [ServerSeen, ServerSeen]): Promise<Record<string, boolean>> {
  const [a, b] = seen;
  const full = (one: ServerSeen): string[] => one.databases.filter((d) => d.tables > 0).map((d) => d.name);
  const there = new Set(full(b));
  const equal: Record<string, boolean> = {};
  for (const name of full(a).filter((one) => there.has(one)))
    equal[name] = await isEqual(deps.servers[0], deps.servers[1], name);
  return equal;
}

async function look(deps: SetupDeps, wishes: Wishes): Promise<SetupInput> {
  const [a, b] = deps.servers;
  const servers = [await observeServer(a, b.side.access.from), await observeServer(b, a.side.access.from)] as const;
  const peers = { [a.side.id]: b.side.access.peer, [b.side.id]: a.side.access.peer };
  const panel = await deps.panel();
  const equal = needsComparing({ servers, peers }) ? await comparedOf(deps, servers) : {};
  return { servers, peers, panel, equal, wishes };
}

/** What a person must have agreed to: data that is copied and logs that are begun anew. */
function weighty(steps: readonly Step[]): readonly string[] {
  return steps
    .filter((one) => one.kind === 'seed' || one.kind === 'reset-log')
    .map((one) => JSON.stringify({ ...one, bytes: 0 }));
}

const mostPasses = 6;

interface Progress {
  readonly said: string[];
  agreed: readonly string[] | undefined;
}

function linesOf(deps: SetupDeps, steps: readonly Step[]): readonly string[] {
  const name = (id: string): string => deps.servers.find((one) => one.side.id === id)?.side.name ?? id;
  return steps.map((step) => sentenceOf(step, name));
}

/** Lists what is new and asks. A pass after a restart asks again only for data that nobody agreed to. */
async function ask(
  deps: SetupDeps,
  steps: readonly Step[],
  notes: readonly string[],
  progress: Progress,
): Promise<void> {
  const { agreed } = progress;
  if (agreed !== undefined && weighty(steps).every((one) => agreed.includes(one))) return;
  for (const line of [...notes, ...linesOf(deps, steps)]) deps.tell(line);
  if (!(await deps.agree())) throw new Refused('Nothing was changed.', { hint: 'Say --yes to agree.' });
  progress.agreed = [...(agreed ?? []), ...weighty(steps)];
}

/** One pass; undefined when another must follow. */
async function pass(
  deps: SetupDeps,
  wishes: Wishes,
  dryRun: boolean,
  progress: Progress,
): Promise<SetupResult | undefined> {
  const plan = planSetup(await look(deps, wishes));
  if (plan.kind === 'refused') throw new Refused(plan.reasons.join(' '), { hint: plan.hint });
  const { said } = progress;
  if (plan.kind === 'settled') return { changed: said.length > 0, steps: said, notes: plan.notes };
  const lines = linesOf(deps, plan.steps);
  if (dryRun) return { changed: false, steps: lines, notes: plan.notes };
  await ask(deps, plan.steps, plan.notes, progress);
  said.push(...lines);
  await applySteps(plan.steps, contextOf(deps));
  return undefined;
}

/** A watch that decides what both sides wrote in a cut has the pair for some seconds: a person need not ask again. */
const pairAfterWatch = { lock: 'pair', waitSeconds: 20 } as const;

/** Makes the pair. Throws Refused with every reason, DatabaseWaits when a person must restart a server. */
export async function setUpMariadb(
  deps: SetupDeps,
  wishes: Wishes,
  options: { readonly dryRun: boolean },
): Promise<SetupResult> {
  const progress: Progress = { said: [], agreed: undefined };
  for (let n = 0; n < mostPasses; n++) {
    // Each pass takes the locks anew: a restart ends them.
    const result = await alone(deps.servers, () => pass(deps, wishes, options.dryRun, progress), pairAfterWatch);
    if (result !== undefined) return result;
  }
  throw new Refused(`The servers do not keep what was set: ${progress.said.slice(-12).join('; ')}`, {
    hint: 'See: tandem db setup --dry-run',
  });
}

function contextOf(deps: SetupDeps): ApplyContext {
  return {
    servers: Object.fromEntries(deps.servers.map((one) => [one.side.id, one])),
    folder: deps.folder,
    clock: deps.clock,
    tell: deps.tell,
    crash: deps.crash,
    decides: deps.decides,
    copied: new Map(),
    reset: new Set(),
    overlapping: new Set(),
    restarted: new Set(),
    restartBy: [],
  };
}
