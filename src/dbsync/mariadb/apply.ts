/** Carrying out a setup's steps. Each may be done again after a kill; the marks in the servers say how far it came. */
import { join } from 'node:path';
import { AppError } from '../../errors.ts';
import { resolveAlone } from '../conflicts/resolve.ts';
import { DatabaseWaits } from '../model.ts';
import { makeExact } from '../repair/exact.ts';
import { readWriters, writerRule } from '../writers.ts';
import { type ApplyContext, type Of, serverOf } from './apply-context.ts';
import { backUp, fence, forget, paired, position, resetLog, seed } from './apply-data.ts';
import { connect, makeAccount, makeOwnSchema, tryStart } from './apply-link.ts';
import { setOne, writeDropIn } from './apply-settings.ts';
import type { Server } from './connect.ts';
import type { Step } from './steps.ts';
import { glance, note } from './watch.ts';

async function one(context: ApplyContext, step: Step): Promise<void> {
  switch (step.kind) {
    case 'drop-in':
      return await writeDropIn(context, step);
    case 'set':
      return await setOne(context, step);
    case 'own-schema':
      return await makeOwnSchema(context, step);
    case 'account':
      return await makeAccount(context, step);
    case 'stop':
      return void (await serverOf(context, step.master).rows('STOP SLAVE'));
    case 'forget':
      return await forget(context, step);
    case 'fence':
      return await fence(serverOf(context, step.master));
    case 'backup':
      return await backUp(context, step);
    case 'reset-log':
      return await resetLog(context, step);
    case 'seed':
      return await seed(context, step);
    case 'position':
      return await position(context, step);
    case 'connect':
      return await connect(context, step);
    case 'start':
      return await startLooking(context, step);
    case 'exact':
      return await makeExact({ ...context, servers: pairOf(context) }, serverOf(context, step.master));
    case 'paired':
      return await paired(context, serverOf(context, step.master));
  }
}

/** A pair that is whole looks at both logs first: what stopped it may have let both change the same rows. */
async function startLooking(context: ApplyContext, step: Of<'start'>): Promise<void> {
  const servers = pairOf(context);
  const seen = await Promise.all(servers.map((one) => glance(one)));
  if (!context.decides) {
    // A gate that was closed while this was on must not stay so.
    if (seen.some((one) => one.id === step.master && one.held === 'conflicts'))
      await note(serverOf(context, step.master), 'hold', undefined);
    return await tryStart(context, step);
  }
  if (!seen.every((one) => one.mark === 'paired' && one.replica !== undefined && one.held !== 'paused'))
    return await tryStart(context, step);
  const { clock, crash } = context;
  const folder = join(context.folder.path, 'logs');
  try {
    const rule = writerRule(await readWriters(servers[0]), undefined);
    const { decisions } = await resolveAlone({ servers, folder, clock, crash, writerOf: rule });
    if (decisions.length > 0)
      context.tell(`${decisions.length} rows that both had changed were decided; see: tandem db conflicts`);
  } catch (error) {
    // What the server itself says about it the next plan knows how to mend; anything else must not open a gate.
    const now = await Promise.all(servers.map((one) => glance(one)));
    const isTold = now.some(({ replica }) => replica?.sqlErrno !== 0 || replica.ioErrno === 1236);
    if (!(error instanceof AppError) || !isTold) throw error;
    await tryStart(context, step);
  }
}

function pairOf(context: ApplyContext): readonly [Server, Server] {
  const [a, b] = Object.values(context.servers);
  if (a === undefined || b === undefined) throw new RangeError('a pair has two masters');
  return [a, b];
}

const settings: readonly Step['kind'][] = ['drop-in', 'set', 'stop'];

/**
 * Carries steps out in order. Answers 'again' when a server was restarted, since everything must then be looked at
 * anew. Throws DatabaseWaits when a person must restart a server first.
 */
export async function applySteps(steps: readonly Step[], context: ApplyContext): Promise<'done' | 'again'> {
  for (const step of steps) {
    const past = !settings.includes(step.kind);
    if (past && context.restartBy.length > 0)
      throw new DatabaseWaits('MariaDB must be restarted before the pair can be made.', {
        hint: `${context.restartBy.join('. ')}. Then run tandem db setup again.`,
      });
    if (past && context.restarted.size > 0) return 'again';
    context.crash(`dbsync.before-${step.kind}`);
    await one(context, step);
  }
  return 'done';
}
