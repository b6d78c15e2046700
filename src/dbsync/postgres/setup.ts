/** `tandem db setup` for PostgreSQL: observe → plan → ask → apply, and again until the plan is empty. */
import { Refused } from '../../errors.ts';
import { until } from '../mariadb/apply-context.ts';
import type { SetupResult } from '../mariadb/setup.ts';
import { DatabaseAway, DatabaseWaits } from '../model.ts';
import { runProgram } from '../programs.ts';
import { alonePg } from './alone.ts';
import { carryDatabase } from './carry.ts';
import { maintenance, oneValue, type PgServer, sqlName, sqlText } from './connect.ts';
import type { LinkDeps } from './link.ts';
import type { PgServerSeen } from './model.ts';
import { ownName } from './names.ts';
import { ownTables } from './own.ts';
import { type PgLimits, type PgStep, pgSentence, planPg } from './plan.ts';
import { pgGlance, readSettings } from './watch.ts';

export interface PgSetupDeps extends LinkDeps {
  readonly limits: PgLimits;
  readonly agree: () => Promise<boolean>;
}

/** Reads everything that setup decides from. */
export async function observePg(server: PgServer): Promise<PgServerSeen> {
  const { id, name } = server.side;
  const seen = await server.in(maintenance, async (session) => ({
    version: await oneValue(session, 'SHOW server_version'),
    settings: await readSettings(session),
  }));
  return {
    id,
    name,
    ...seen,
    glance: await pgGlance(server),
  };
}

function serverOf(deps: PgSetupDeps, id: string): PgServer {
  const found = deps.servers.find((one) => one.side.id === id);
  if (found === undefined) throw new RangeError(`no master is called ${id}`);
  return found;
}

const restartMs = 180_000;

async function answers(server: PgServer): Promise<boolean> {
  try {
    await server.in(maintenance, (session) => session.rows('SELECT 1'));
    return true;
  } catch (error) {
    // It is being restarted; anything else than being away is a real failure.
    if (error instanceof DatabaseAway) return false;
    throw error;
  }
}

async function restart(deps: PgSetupDeps, step: PgStep & { kind: 'restart' }): Promise<void> {
  const { side } = serverOf(deps, step.master);
  const [program, ...args] = side.access.configure ?? [];
  if (program === undefined)
    throw new DatabaseWaits('PostgreSQL must be restarted before the pair can be made.', {
      hint: `Restart PostgreSQL on ${side.name}. Then run tandem db setup again.`,
    });
  await runProgram(side, program, args);
  if (!(await until(deps.clock, restartMs, () => answers(serverOf(deps, step.master)))))
    throw new DatabaseAway(`${side.name}: PostgreSQL did not come back after its restart.`);
}

async function makeOwn(server: PgServer): Promise<void> {
  await server.in(maintenance, (session) =>
    session.rows(`CREATE DATABASE ${sqlName(ownName)} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`),
  );
  await server.in(maintenance, (session) => session.rows(`REVOKE ALL ON DATABASE ${sqlName(ownName)} FROM PUBLIC`));
  await server.in(ownName, (session) => session.rows(ownTables));
}

async function carry(deps: PgSetupDeps, database: string, from: string | undefined): Promise<string | undefined> {
  const result = await carryDatabase(deps, database, from === undefined ? {} : { from });
  return result === 'different' ? database : undefined;
}

async function setOne(deps: PgSetupDeps, step: PgStep & { kind: 'set' }): Promise<void> {
  const { name, value } = step.wanted;
  // A list of libraries is several values, not one text.
  const values = name.endsWith('_libraries') ? value.split(',') : [value];
  await serverOf(deps, step.master).in(maintenance, async (session) => {
    await session.rows(
      `ALTER SYSTEM SET ${name
        .split('.')
        .map((one) => sqlName(one))
        .join('.')} = ${values.map(sqlText).join(', ')}`,
    );
    await session.rows('SELECT pg_reload_conf()');
  });
}

/** Answers 'again' after a restart, since everything must then be looked at anew. */
async function apply(
  deps: PgSetupDeps,
  steps: readonly PgStep[],
  from: string | undefined,
  undecided: string[],
): Promise<'again' | 'done'> {
  let restarted = false;
  for (const step of steps) {
    if (restarted && step.kind !== 'set' && step.kind !== 'restart') return 'again';
    deps.crash(`dbsync.pg-before-${step.kind}`);
    if (step.kind === 'set') await setOne(deps, step);
    else if (step.kind === 'restart') {
      await restart(deps, step);
      restarted = true;
    } else undecided.push(...((await one(deps, step, from)) ?? []));
  }
  return 'done';
}

async function one(
  deps: PgSetupDeps,
  step: Exclude<PgStep, { kind: 'set' | 'restart' }>,
  from: string | undefined,
): Promise<readonly string[] | undefined> {
  switch (step.kind) {
    case 'own':
      return void (await makeOwn(serverOf(deps, step.master)));
    case 'carry': {
      const different = await carry(deps, step.database, from);
      return different === undefined ? [] : [different];
    }
  }
}

const mostPasses = 6;

interface Progress {
  readonly said: string[];
  readonly undecided: string[];
  agreed: boolean;
}

/** One pass; undefined when another must follow. */
async function pass(
  deps: PgSetupDeps,
  from: string | undefined,
  dryRun: boolean,
  progress: Progress,
): Promise<SetupResult | undefined> {
  const [a, b] = deps.servers;
  const plan = planPg(await observePg(a), await observePg(b), deps.limits);
  if (plan.kind === 'refused') throw new Refused(plan.reasons.join(' '), { hint: plan.hint });
  const steps =
    plan.kind === 'settled'
      ? []
      : plan.steps.filter((step) => step.kind !== 'carry' || !progress.undecided.includes(step.database));
  if (steps.length === 0) return finished(deps, progress);
  const lines = steps.map((step) => pgSentence(step, (id) => serverOf(deps, id).side.name));
  if (dryRun) return { changed: false, steps: lines, notes: [] };
  if (!progress.agreed) {
    for (const line of lines) deps.tell(line);
    if (!(await deps.agree())) throw new Refused('Nothing was changed.', { hint: 'Say --yes to agree.' });
    progress.agreed = true;
  }
  progress.said.push(...lines);
  await apply(deps, steps, from, progress.undecided);
  return undefined;
}

function finished(deps: PgSetupDeps, progress: Progress): SetupResult {
  if (progress.undecided.length > 0)
    throw new Refused(
      progress.undecided.map((name) => `${name} is on both masters with different contents.`).join(' '),
      {
        hint: `Say whose contents are right: --from ${deps.servers.map((one) => one.side.id).join(' or --from ')}. The other's are backed up first.`,
      },
    );
  return { changed: progress.said.length > 0, steps: progress.said, notes: [] };
}

/** Makes the pair. Throws Refused with every reason, DatabaseWaits when a person must restart a server. */
export async function setUpPostgres(
  deps: PgSetupDeps,
  from: string | undefined,
  options: { readonly dryRun: boolean },
): Promise<SetupResult> {
  const progress: Progress = { said: [], undecided: [], agreed: false };
  for (let n = 0; n < mostPasses; n++) {
    // Each pass takes the locks anew: a restart ends them.
    const result = await alonePg(deps.servers, () => pass(deps, from, options.dryRun, progress));
    if (result !== undefined) return result;
  }
  throw new Refused(`The servers do not keep what was set: ${progress.said.slice(-12).join('; ')}`, {
    hint: 'See: tandem db setup --dry-run',
  });
}
