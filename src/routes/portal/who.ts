import type { Request, RequestHandler } from 'express';
import type { Actor } from '../../auth/actor.ts';
import { actorOf } from '../../auth/people.ts';
import { NotAllowed } from '../../errors.ts';

/** The actor behind a request. Throws NotAllowed when nobody is signed in. */
export function actorIn(request: Request): Actor {
  if (request.user === undefined) throw new NotAllowed('Sign in first.');
  return actorOf(request.user, request.ip ?? '');
}

/** Sends everybody who is not signed in to the sign-in page, which leads back here. */
export function signedInOnly(): RequestHandler {
  return (request, response, next) => {
    if (request.isAuthenticated()) return next();
    if (request.method !== 'GET' || request.path === '/events') throw new NotAllowed('Sign in first.');
    response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
  };
}
