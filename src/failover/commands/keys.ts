import type { Command, CommandResult } from '../control/schema.ts';
import { type CommandDeps, result } from './deps.ts';

const limitMs = 20_000;

/** Whether a zone's DS record may be shown, as far as the name servers that this watcher knows go. */
export async function lookAtKeys(
  { publish }: Pick<CommandDeps, 'publish'>,
  { zone, keys }: Extract<Command, { command: 'keys' }>,
): Promise<CommandResult> {
  if (publish === undefined) return result('done', 'No zone is published from here.', [], { publishes: false });
  const why = await publish.whyKeysLack(zone, keys, AbortSignal.timeout(limitMs));
  const data = { publishes: true };
  if (why !== undefined) return result('waiting', why, [], data);
  return result('done', `Every name server shows the keys of ${zone}.`, [], data);
}
