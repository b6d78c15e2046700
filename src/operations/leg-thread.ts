/**
 * The journal of legs in a thread of its own. SQLite answers in the thread that asks it, and a leg's statements take
 * more of the processor than its calls: with both in one thread, calls wait for statements. Whoever asks for several
 * things at about the same time sends one message, and what one transaction held comes back as one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { SqliteConfig } from '../store/database.ts';
import { CommitUnknown } from '../store/database-errors.ts';
import { openThread } from '../thread.ts';
import type { LegJournal, LegTiming } from './leg-journal.ts';

/** What the thread is started with. */
export interface LegThreadData {
  readonly journal: SqliteConfig;
  readonly timing: LegTiming;
  readonly logLevel: string;
}

type What = keyof LegJournal;

export interface LegAsk {
  readonly id: number;
  readonly what: What;
  readonly asked: unknown;
}

/** `close`: let go of the journal and end. */
export type ToLegThread = readonly LegAsk[] | 'close';

export type FromLegThread = readonly ({ readonly id: number } & (
  | { readonly value: unknown }
  | { readonly error: string }
))[];

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface LegThread extends LegJournal {
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** One transaction answers many legs; between so many the masters are listened to, and their places filled again. */
const HANDFUL = 4;

/** A message wakes the thread, which costs as much as ten questions: while so many wait anyhow, they are gathered. */
const MANY = 16;
const GATHER_MS = 2;

function soon(isNow: boolean, work: () => void): void {
  if (isNow) setImmediate(work);
  else setTimeout(work, GATHER_MS);
}

/** Answers whoever waits, a handful in each turn of the event loop. */
function handingOver(waiting: Map<number, Waiting>): (answers: FromLegThread) => void {
  const heard: FromLegThread[number][] = [];
  function handOver(): void {
    for (const answer of heard.splice(0, HANDFUL)) {
      const one = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('error' in answer) one?.reject(new CommitUnknown(answer.error));
      else one?.resolve(answer.value);
    }
    if (heard.length > 0) setImmediate(handOver);
  }
  return (answers) => {
    if (heard.length === 0) setImmediate(handOver);
    heard.push(...answers);
  };
}

/**
 * Starts the thread. Should it ever end by itself, `otherwise` writes from then on; what was under way is rejected with
 * CommitUnknown, as its outcome is in the journal alone.
 */
export function openLegThread(data: LegThreadData, otherwise: LegJournal, log: Logger): LegThread {
  const thread = openThread('./operations/leg-thread-work', data);
  const waiting = new Map<number, Waiting>();
  let count = 0;
  let asks: LegAsk[] = [];
  let isOver = false;
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));

  function end(reason: string): void {
    if (isOver) return;
    isOver = true;
    log.error({ reason }, 'the thread of the journal ended; the worker writes by itself from now on');
    const error = new CommitUnknown(`journal: its thread ended: ${reason}`);
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  }

  thread.on('message', handingOver(waiting));
  thread.on('error', (error) => end(messageOf(error)));
  thread.once('exit', (code) => end(`exit code ${code}`));

  function send(): void {
    const message: ToLegThread = asks;
    asks = [];
    thread.postMessage(message);
  }

  function ask(what: What, asked: unknown): Promise<unknown> {
    if (asks.length === 0) soon(waiting.size < MANY, send);
    count += 1;
    const id = count;
    asks.push({ id, what, asked });
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }

  // The thread answers with what the same function of a LegJournal gave there.
  const over = <W extends What>(what: W): LegJournal[W] =>
    ((asked: never) => (isOver ? otherwise[what](asked) : ask(what, asked))) as LegJournal[W];

  return {
    take: over('take'),
    glance: over('glance'),
    takeSeen: over('takeSeen'),
    noteSent: over('noteSent'),
    settleDone: over('settleDone'),
    due: over('due'),
    waitingForNothing: over('waitingForNothing'),
    async close() {
      // Whoever asked has drained by now; what is left is answered within one transaction.
      while (waiting.size > 0) await delay(1);
      if (isOver) return;
      isOver = true;
      thread.postMessage('close' satisfies ToLegThread);
      await ended;
    },
  };
}
