import type { RequestHandler } from 'express';
import { NotAllowed } from '../../errors.ts';
import type { PortalParts } from './deps.ts';

declare module 'express-session' {
  interface SessionData {
    /** A second factor was seen to be set up. */
    hasFactor?: boolean;
  }
}

const place = '/me/second-factor';

/** Leads whoever has no second factor to where it is set up, and lets nothing else through. */
export function secondFactorFirst(parts: PortalParts): RequestHandler {
  return async (request, response, next) => {
    const { session, user } = request;
    if (session.hasFactor === true || user === undefined) return next();
    if ((await parts.auth.secondFactor.state(user.name)).active) {
      session.hasFactor = true;
      return next();
    }
    if (request.path === place || request.path.startsWith(`${place}/`)) return next();
    if (request.method !== 'GET' || request.path === '/events') throw new NotAllowed(parts.say('factor.required'));
    response.redirect(303, place);
  };
}
