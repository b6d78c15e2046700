import type { RequestHandler } from 'express';
import { keptSession } from '../shared/kept-session.ts';
import type { CustomerDeps } from './deps.ts';

const idleMs = 2 * 60 * 60_000;

/** The session of the self-service, which webmail on its own port reads too: cookies know no ports. */
export function customerSessions(deps: Pick<CustomerDeps, 'auth' | 'secret'>): RequestHandler {
  return keptSession({
    name: '__Host-tandem-my',
    secret: deps.secret,
    store: deps.auth.sessions,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { secure: true, httpOnly: true, sameSite: 'lax', path: '/', maxAge: idleMs },
  });
}
