import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import { commitChunk, planChunk } from './chunk.ts';
import type { ToPlanner } from './planner.ts';
import { type MoveConfig, rulesOf } from './rules.ts';

/** The body of a planning thread: answers each message with its number. Our own process starts it and nobody else. */

const rules = rulesOf(workerData as MoveConfig);

async function answer(message: ToPlanner): Promise<void> {
  try {
    const result =
      message.kind === 'plan' ? await planChunk(message.chunk, rules) : await commitChunk(message.dir, message.zones);
    parentPort?.postMessage({ id: message.id, result });
  } catch (error) {
    parentPort?.postMessage({ id: message.id, error: messageOf(error) });
  }
}

parentPort?.on('message', (message: ToPlanner) => void answer(message));
