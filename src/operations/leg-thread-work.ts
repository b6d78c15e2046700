/** The body of the thread that writes about legs: the worker that started it asks, and nobody else. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { createLogger } from '../log.ts';
import { openSqlite } from '../store/database-sqlite.ts';
import type { Schema } from '../store/schema.ts';
import { legJournalOf } from './leg-journal.ts';
import type { FromLegThread, LegAsk, LegThreadData, ToLegThread } from './leg-thread.ts';

const { journal: config, timing, logLevel } = workerData as LegThreadData;
const log = createLogger({ level: logLevel, redact: [] });
const journal = await openSqlite<Schema>(config, { log });
const legs = legJournalOf(journal, timing);

let answers: FromLegThread[number][] = [];

/** All that one transaction held is answered in one turn of the event loop. */
function answer(one: FromLegThread[number]): void {
  if (answers.length === 0) setImmediate(send);
  answers.push(one);
}

function send(): void {
  const message: FromLegThread = answers;
  answers = [];
  parentPort?.postMessage(message);
}

function carryOut({ id, what, asked }: LegAsk): void {
  // The worker asked with what the function takes.
  legs[what](asked as never).then(
    (value) => answer({ id, value }),
    (error: unknown) => answer({ id, error: messageOf(error) }),
  );
}

parentPort?.on('message', (message: ToLegThread) => {
  if (message !== 'close') return message.forEach(carryOut);
  parentPort?.close();
  void journal.close();
});
