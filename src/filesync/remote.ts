import type { FilesWay } from '../config-filesync.ts';
import { AppError } from '../errors.ts';
import { ask } from './ask.ts';
import { askOverSsh } from './ask-line.ts';
import type { Reply, Request } from './question.ts';

/** The agent answered, and the answer is no. */
export class AgentSaysNo extends AppError {
  readonly code = 'filesync.says-no';
  readonly retry = 'never';
}

/** Asks an agent. Throws Unreachable when it cannot be reached, AgentSaysNo with its own words when it refuses. */
export async function askAgent(way: FilesWay, asked: Request, signal: AbortSignal): Promise<Reply> {
  const said = way.kind === 'ssh' ? await askOverSsh(way, asked, signal) : await ask(way.path, asked);
  if (said.error !== undefined) throw new AgentSaysNo(said.error.slice(0, 1000));
  return said;
}
