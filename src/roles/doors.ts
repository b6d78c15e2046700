import { actionOf } from '../actions/index.ts';
import { may } from '../auth/may.ts';
import { Invalid } from '../errors.ts';
import type { PassthroughDeps } from '../routes/passthrough/deps.ts';
import type { WhmCall } from '../whm/call.ts';
import type { CallOptions } from '../whm/client.ts';
import type { Outcome } from '../whm/outcome.ts';
import type { Core } from './core.ts';

/** Who owns an account; undefined: nobody knows. */
export const ownerOf = (core: Core) => (account: string) => core.reads.ownerOf(account);

/** Asks one master. The function throws Invalid for a master that is not configured. */
export function onOf(
  core: Core,
): (master: string, call: WhmCall, options?: Pick<CallOptions, 'heard' | 'patient'>) => Promise<Outcome> {
  return async (master, call, options) => {
    const client = core.clients.get(master);
    if (client === undefined)
      throw new Invalid(`there is no master ${master}`, [
        { path: 'tandem.master', message: 'name one of the configured masters' },
      ]);
    return client.call(call, options);
  };
}

/** May the actor do what the action of this id does? */
export function mayById(core: Core): PassthroughDeps['may'] {
  return (actor, id, subject) => {
    const action = actionOf(id);
    return action !== undefined && may(actor, action, subject, ownerOf(core));
  };
}
