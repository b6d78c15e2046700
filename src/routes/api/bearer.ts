import type { Request } from 'express';
import type { Actor } from '../../auth/actor.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from './deps.ts';

/** No token, or one that is not good (any more). Which of these it is nobody is told. */
export class NotSignedIn extends AppError {
  readonly code = 'auth.not-signed-in';
  readonly retry = 'never';
}

/** How long the answer to a wrong token takes, ms; a token has 256 bits, so this only keeps logs readable. */
const slowMs = 200;

/** Finds the actor of `Authorization: Bearer TOKEN`. The token itself is never logged. */
export function bearer(deps: Pick<ApiDeps, 'tokenCheck' | 'delay' | 'log'>): (request: Request) => Promise<Actor> {
  return async (request) => {
    const address = request.socket.remoteAddress ?? '';
    const token = /^bearer[ \t]+([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? '')?.[1];
    const actor = token === undefined ? undefined : await deps.tokenCheck(token, { address });
    if (actor !== undefined) return actor;
    if (token !== undefined) {
      deps.log.warn({ address }, 'wrong token at the api');
      await deps.delay(slowMs);
    }
    throw new NotSignedIn('A good token is needed: Authorization: Bearer TOKEN.', {
      hint: 'Make one with: tandem token create --user root --acl all',
    });
  };
}
