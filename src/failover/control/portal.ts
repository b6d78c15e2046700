import { result } from '../commands/deps.ts';
import type { Command, CommandResult } from './schema.ts';
import type { Handler } from './socket.ts';

/**
 * What the portal may tell a watcher. Its certificate stands for people who signed in there, so it may do what they do at
 * the command line, but not what only helps somebody who is on the machine, or what is hard to take back.
 */
function refusal(command: Command): string | undefined {
  switch (command.command) {
    case 'report':
      return 'Reports come from the monitoring system beside the watcher.';
    case 'free':
      return 'Freeing a master is done on a watcher: tandem failover free.';
    case 'drill':
      if (command.logins.length > 0) return 'Logins are tried from a watcher: tandem failover drill --logins FILE.';
      return command.real ? 'A real drill is started on a watcher: tandem failover drill --real.' : undefined;
    case 'ttl':
      return 'TTL care is ordered on a watcher: tandem zones ttl.';
    case 'switch':
      return command.force
        ? 'A switch to a master that is not seen serving is ordered on a watcher: tandem failover switch --force.'
        : undefined;
    case 'status':
    case 'keys':
    case 'hold':
    case 'release':
    case 'downtime':
    case 'end-downtime':
    case 'ack':
    case 'prepare':
    case 'return':
      return undefined;
  }
}

const longestName = 55;

/** Narrows a watcher's commands to the portal's; who orders is marked as signed in there. */
export function portalHandler(handle: Handler): Handler {
  return async (command): Promise<CommandResult> => {
    const no = refusal(command);
    if (no !== undefined) return result('refused', no);
    if (command.command === 'status' || command.command === 'keys') return handle(command);
    return handle({ ...command, by: `${command.by.slice(0, longestName)}@portal` });
  };
}
