/** Carrying out a setup's steps. Each may be done again after a kill; the marks in the servers say how far it came. */
import { DatabaseWaits } from '../model.ts';
import { makeExact } from '../repair/exact.ts';
import { type ApplyContext, serverOf } from './apply-context.ts';
import { backUp, fence, forget, paired, position, resetLog, seed } from './apply-data.ts';
import { connect, makeAccount, makeOwnSchema, tryStart } from './apply-link.ts';
import { setOne, writeDropIn } from './apply-settings.ts';
import type { Server } from './connect.ts';
import type { Step } from './steps.ts';

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
      return await tryStart(context, step);
    case 'exact':
      return await makeExact({ ...context, servers: pairOf(context) }, serverOf(context, step.master));
    case 'paired':
      return await paired(context, serverOf(context, step.master));
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
