import { type Request, type Response, Router } from 'express';
import type { Person } from '../../auth/people.ts';
import type { CodeCheck } from '../../auth/second-factor.ts';
import { sessionId } from '../../auth/session-list.ts';
import { type Pending, type SignInParts, waitSentence } from '../shared/sign-in.ts';
import type { PortalParts } from './deps.ts';
import { sendPage } from './frame.ts';

/** Where to go after signing in: a path on this site, never another host. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/accounts';
}

/** How long a right password waits for its code, milliseconds. */
const pendingMs = 5 * 60_000;

/** Sign-in in one step or two, sign-out and, while there is nobody yet, how the first owner is made. */
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
    const answer = await checked(passport, request, response);
    if (answer.person !== undefined) return enter(parts, request, response, answer.person, next);
    if (answer.codeOf !== undefined) {
      request.session.pending = { name: answer.codeOf, next, at: parts.clock() };
      return response.redirect(303, '/sign-in/code');
    }
    const status = answer.problem.startsWith('Too many') ? 429 : 401;
    // Attempts that were not even looked at would only fill the trail.
    if (status === 401) await refusedSignIn(parts, request, name, answer.problem);
    const model = { name, next, problem: answer.problem };
    return sendPage(parts, request, response, 'sign-in', { title: 'Sign in', status }, model);
  });
  router.post('/sign-out', (request, response, next) => {
    const id = request.sessionID;
    request.logOut((error) => {
      if (error) return next(error);
      parts.auth.sessionEnd(sessionId(id)).then(() => response.redirect(303, '/sign-in'), next);
    });
  });
  codeRoutes(parts, router);
  return router;
}

/** The second step, for whom a second factor is set up. */
function codeRoutes(parts: PortalParts, router: Router): void {
  router.get('/sign-in/code', async (request, response) => {
    if (pendingIn(parts, request) === undefined) return response.redirect(303, '/sign-in');
    return sendPage(parts, request, response, 'sign-in-code', { title: 'Sign in' }, { problem: '' });
  });
  router.post('/sign-in/code', async (request, response) => {
    const pending = pendingIn(parts, request);
    if (pending === undefined) return response.redirect(303, '/sign-in');
    const code = String(request.body['code'] ?? '').slice(0, 64);
    const answer = await parts.auth.secondFactor.check(pending.name, code, request.ip ?? '');
    if (answer.kind === 'right') return enterByCode(parts, request, response, pending, answer);
    const problem = await codeProblem(parts, request, pending.name, answer);
    const options = { title: 'Sign in', status: answer.kind === 'wait' ? 429 : 401 };
    return sendPage(parts, request, response, 'sign-in-code', options, { problem });
  });
}

/** Whoever needed a recovery code is led to where the second factor is set up anew. */
async function enterByCode(
  parts: PortalParts,
  request: Request,
  response: Response,
  pending: Pending,
  answer: Extract<CodeCheck, { kind: 'right' }>,
): Promise<void> {
  const person = await parts.auth.person(pending.name);
  if (person === undefined) return response.redirect(303, '/sign-in');
  const [next, detail] = answer.recovery ? ['/me', `recovery code, ${answer.left} left`] : [pending.next, 'code'];
  return enter(parts, request, response, person, next, detail);
}

async function codeProblem(parts: PortalParts, request: Request, name: string, answer: CodeCheck): Promise<string> {
  if (answer.kind === 'wait') return waitSentence(answer.seconds);
  await refusedSignIn(parts, request, name, 'wrong code');
  return 'This code is wrong, over, or was used before.';
}

function pendingIn(parts: PortalParts, request: Request): Pending | undefined {
  const { pending } = request.session;
  return pending !== undefined && parts.clock() - pending.at < pendingMs ? pending : undefined;
}

async function refusedSignIn(parts: PortalParts, request: Request, name: string, detail: string): Promise<void> {
  const actor = { kind: 'person', name, address: request.ip ?? '' };
  await parts.auth.audit({ actor, event: 'sign-in.refused', detail });
}

/** Starts a new session for the person, so that an id known from before is worth nothing. */
async function enter(
  parts: PortalParts,
  request: Request,
  response: Response,
  person: Person,
  next: string,
  detail = '',
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.logIn(person, (error) => (error ? reject(error) : resolve()));
  });
  const address = request.ip ?? '';
  const agent = request.get('user-agent') ?? '';
  await parts.auth.sessionBegin(request.sessionID, { person: person.name, door: 'portal', address, agent });
  request.session.sureAt = parts.clock();
  await parts.auth.audit({ actor: { kind: 'person', name: person.name, address }, event: 'sign-in', detail });
  response.redirect(303, next);
}

interface Checked {
  readonly person: Person | undefined;
  /** Whose code is asked for next. */
  readonly codeOf: string | undefined;
  readonly problem: string;
}

/** Passport's answer to name and password, as a promise. */
function checked(passport: SignInParts['passport'], request: Request, response: Response): Promise<Checked> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, person?: Person | false | null, info?: unknown): void => {
      if (error) reject(error);
      else
        resolve({
          person: person || undefined,
          codeOf: textIn(info, 'codeOf'),
          problem: person ? '' : problemOf(info),
        });
    };
    passport.authenticate('local', done)(request, response, reject);
  });
}

function textIn(info: unknown, name: string): string | undefined {
  if (typeof info !== 'object' || info === null || !(name in info)) return undefined;
  const value: unknown = Reflect.get(info, name);
  return typeof value === 'string' ? value : undefined;
}

function problemOf(info: unknown): string {
  const message = textIn(info, 'message');
  return message === undefined || message === 'Missing credentials' ? 'Fill in name and password.' : message;
}
