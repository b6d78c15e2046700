import type { ServerResponse } from 'node:http';
import type { Actor } from '../../auth/actor.ts';
import type { PassthroughDeps } from './deps.ts';

/**
 * Where a one-time link leads: on to the self-service, signed in as the account or the mailbox user, by a second link
 * good once. A session of this port that is nobody's there is sent to its sign-in.
 */
export async function selfService(deps: PassthroughDeps, actor: Actor, response: ServerResponse): Promise<void> {
  const { scope, mailbox } = actor;
  const isCustomer = scope !== 'all' && 'account' in scope && actor.tokenId === undefined;
  const Location = isCustomer
    ? await deps.openSelfService({ account: scope.account, ...(mailbox === undefined ? {} : { mailbox }) })
    : '/my';
  response.writeHead(303, { Location, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
  response.end();
}
