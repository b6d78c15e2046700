import { type Request, type Response, Router } from 'express';
import type { Person } from '../../auth/people.ts';
import type { SignInParts } from '../shared/sign-in.ts';
import type { PortalParts } from './deps.ts';
import { sendPage } from './frame.ts';

/** Where to go after signing in: a path on this site, never another host. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/accounts';
}

/** Sign-in, sign-out and, while there is nobody yet, how the first owner is made. */
export function signInRoutes(parts: PortalParts, passport: SignInParts['passport']): Router {
  const router = Router();
  router.get('/sign-in', async (request, response) => {
    if (request.isAuthenticated()) return response.redirect(303, safeNext(request.query['next']));
    if ((await parts.auth.people()).length === 0) {
      return sendPage(parts, request, response, 'first-run', { title: 'First start' }, {});
    }
    const model = { name: '', next: safeNext(request.query['next']), problem: '' };
    return sendPage(parts, request, response, 'sign-in', { title: 'Sign in' }, model);
  });
  router.post('/sign-in', async (request, response) => {
    const name = String(request.body['name'] ?? '').slice(0, 64);
    const next = safeNext(request.body['next']);
    const actor = { kind: 'person', name, address: request.ip ?? '' };
    const answer = await checked(passport, request, response);
    if (answer.person !== undefined) {
      await entered(request, answer.person);
      await parts.auth.audit({ actor, event: 'sign-in' });
      return response.redirect(303, next);
    }
    const status = answer.problem.startsWith('Too many') ? 429 : 401;
    // Attempts that were not even looked at would only fill the trail.
    if (status === 401) await parts.auth.audit({ actor, event: 'sign-in.refused', detail: answer.problem });
    const model = { name, next, problem: answer.problem };
    return sendPage(parts, request, response, 'sign-in', { title: 'Sign in', status }, model);
  });
  router.post('/sign-out', (request, response, next) => {
    request.logOut((error) => (error ? next(error) : response.redirect(303, '/sign-in')));
  });
  return router;
}

interface Checked {
  readonly person: Person | undefined;
  readonly problem: string;
}

/** Passport's answer to name and password, as a promise. */
function checked(passport: SignInParts['passport'], request: Request, response: Response): Promise<Checked> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, person?: Person | false | null, info?: unknown): void => {
      if (error) reject(error);
      else resolve({ person: person || undefined, problem: person ? '' : problemOf(info) });
    };
    passport.authenticate('local', done)(request, response, reject);
  });
}

/** Starts a new session for the person, so that an id known from before is worth nothing. */
function entered(request: Request, person: Person): Promise<void> {
  return new Promise((resolve, reject) => {
    request.logIn(person, (error) => (error ? reject(error) : resolve()));
  });
}

function problemOf(info: unknown): string {
  const message: unknown = typeof info === 'object' && info !== null && 'message' in info ? info.message : undefined;
  return message === undefined || message === 'Missing credentials' ? 'Fill in name and password.' : String(message);
}
