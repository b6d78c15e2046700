import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import { type ChunkDone, commitHere, planChunk } from './chunk.ts';
import type { ToPlanner } from './planner.ts';
import { practise } from './practise.ts';
import { type MoveConfig, rulesOf } from './rules.ts';

/** The body of a planning thread: answers each message with its number. Our own process starts it and nobody else. */

const rules = rulesOf(workerData as MoveConfig);

async function work(message: ToPlanner): Promise<ChunkDone | undefined> {
  switch (message.kind) {
    case 'plan':
      return planChunk(message.chunk, rules);
    case 'commit':
      commitHere(message.commit);
      return undefined;
    case 'warm':
      practise(rules);
      return undefined;
  }
}

async function answer(message: ToPlanner): Promise<void> {
  try {
    parentPort?.postMessage({ id: message.id, result: await work(message) });
  } catch (error) {
    parentPort?.postMessage({ id: message.id, error: messageOf(error) });
  }
}

parentPort?.on('message', (message: ToPlanner) => void answer(message));
