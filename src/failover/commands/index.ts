import type { Command, CommandResult } from '../control/schema.ts';
import { type CommandDeps, result } from './deps.ts';
import { drill } from './drill.ts';
import { lookAtKeys } from './keys.ts';
import { acknowledgeCheck, careForTtl, endDowntime, holdOn, keepReport, planDowntime, release } from './notes.ts';
import { freeMaster, prepare, returnNow, switchNow } from './orders.ts';

/** Carries out one command of a person. */
export async function runCommand(deps: CommandDeps, command: Command): Promise<CommandResult> {
  switch (command.command) {
    case 'status': {
      const status = await deps.status(command.history);
      return result('done', status.sentence, [], status);
    }
    case 'keys':
      return lookAtKeys(deps, command);
    case 'hold':
      return holdOn(deps, command);
    case 'release':
      return release(deps, command);
    case 'downtime':
      return planDowntime(deps, command);
    case 'end-downtime':
      return endDowntime(deps, command);
    case 'ack':
      return acknowledgeCheck(deps, command);
    case 'ttl':
      return careForTtl(deps, command);
    case 'prepare':
      return prepare(deps, command);
    case 'switch':
      return switchNow(deps, command);
    case 'return':
      return returnNow(deps, command);
    case 'drill':
      return drill(deps, command);
    case 'report':
      return keepReport(deps, command);
    case 'free':
      return freeMaster(deps, command);
  }
}
