/** What the watch does about who may write where: reads the rule, and looks for those who break it, beside its turns. */
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { WriterOf } from './conflicts/model.ts';
import type { Server } from './mariadb/connect.ts';
import { DatabaseAway } from './model.ts';
import type { Warning } from './plan.ts';
import { lookForStrangers, newStrangersMemory, type StrangersMemory, strangerWarnings } from './strangers.ts';
import { answered, type Seen } from './verdict/plan.ts';
import { type ActiveMasters, readWriters, type Writers, writerRule } from './writers.ts';

export interface WritersMemory {
  /** The reading that is under way. */
  working: Promise<void> | undefined;
  readAt: number;
  writers: Writers;
  /** Why the last reading of the logs failed. */
  warning: Warning | undefined;
  readonly strangers: StrangersMemory;
}

/** Nothing is remembered yet. */
export function newWritersMemory(): WritersMemory {
  return {
    ...{ working: undefined, readAt: Number.NEGATIVE_INFINITY, writers: {}, warning: undefined },
    strangers: newStrangersMemory(),
  };
}

export interface WritersDeps {
  readonly servers: readonly [Server, Server];
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly active: () => ActiveMasters | undefined;
}

const readEveryMs = 10_000;

async function readRule(deps: WritersDeps, memory: WritersMemory, seen: readonly Seen[]): Promise<void> {
  const paired = seen.find((one) => answered(one) && one.mark === 'paired');
  const server = deps.servers.find((one) => one.side.id === paired?.id);
  if (server === undefined || deps.clock.now() - memory.readAt < readEveryMs) return;
  memory.readAt = deps.clock.now();
  try {
    memory.writers = await readWriters(server);
  } catch (error) {
    // It went away between two statements: what was read last stands.
    if (!(error instanceof DatabaseAway)) throw error;
  }
}

async function look(deps: WritersDeps, memory: WritersMemory, writerOf: WriterOf): Promise<void> {
  try {
    const isRead = await lookForStrangers({ ...deps, folder: join(deps.folder, 'logs'), writerOf }, memory.strangers);
    if (isRead) memory.warning = undefined;
  } catch (error) {
    // Of whatever kind: it runs beside the turns, where nobody would hear of it.
    deps.log.warn({ err: error, reason: messageOf(error) }, 'logs could not be read for who writes where');
    memory.warning = {
      code: 'db.writers.unread',
      sentence: `Who writes where it should not is not known: a log could not be read: ${messageOf(error)}`,
    };
  }
}

/** Answers the rule as it is now, and looks at the logs once a minute while both servers answer. */
export async function lookAtWriters(
  deps: WritersDeps,
  memory: WritersMemory,
  seen: readonly Seen[],
): Promise<WriterOf> {
  await readRule(deps, memory, seen);
  const writerOf = writerRule(memory.writers, deps.active());
  const isPaired = seen.every((one) => answered(one) && one.mark === 'paired');
  if (isPaired && memory.working === undefined)
    memory.working = look(deps, memory, writerOf).finally(() => {
      memory.working = undefined;
    });
  return writerOf;
}

/** Who wrote where it should not, lately. */
export function writersWarnings(memory: WritersMemory, name: (id: string) => string): readonly Warning[] {
  const known = strangerWarnings(memory.strangers, name);
  return memory.warning === undefined ? known : [memory.warning, ...known];
}
