import type { Request, RequestHandler } from 'express';
import type { Actor } from '../../auth/actor.ts';
import { actorOf } from '../../auth/people.ts';
import { has, type Right } from '../../auth/roles.ts';
import { NotAllowed } from '../../errors.ts';

/** The actor behind a request. Throws NotAllowed when nobody is signed in. */
export function actorIn(request: Request): Actor {
  if (request.user === undefined) throw new NotAllowed('who.sign-in');
  return actorOf(request.user, request.ip ?? '');
}

/** Throws NotAllowed when the role does not have the right. */
export function mustHave(actor: Actor, right: Right): void {
  if (has(actor.role, right)) return;
  throw new NotAllowed('who.role', { hint: 'who.role.hint' });
}

/** What is among staff is no reseller's business. Throws NotAllowed. */
export function staffOnly(actor: Actor): void {
  if (actor.scope !== 'all') throw new NotAllowed('who.staff');
}

/** Sends everybody who is not signed in to the sign-in page, which leads back here. */
export function signedInOnly(): RequestHandler {
  return (request, response, next) => {
    if (request.isAuthenticated()) return next();
    if (request.method !== 'GET' || request.path === '/events') throw new NotAllowed('who.sign-in');
    response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
  };
}
