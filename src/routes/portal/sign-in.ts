import { type Request, type Response, Router } from 'express';
import type { Person } from '../../auth/people.ts';
import type { CodeCheck } from '../../auth/second-factor.ts';
import { sessionId } from '../../auth/session-list.ts';
import type { NotIn, Pending, SignInParts } from '../shared/sign-in.ts';
import type { PortalParts } from './deps.ts';
import { sendPage } from './frame.ts';
import { factorCheck, isPasskeyAnswer, passkeyOptions } from './passkey.ts';
import { waitWords } from './wait.ts';

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
      return sendPage(parts, request, response, 'first-run', { title: parts.say('first.title') }, {});
    }
    const model = { name: '', next: safeNext(request.query['next']), problem: '', forgotten: parts.mail !== undefined };
    return sendPage(parts, request, response, 'sign-in', { title: parts.say('sign-in.title') }, model);
  });
  router.post('/sign-in', async (request, response) => {
    const name = String(request.body['name'] ?? '').slice(0, 64);
    const next = safeNext(request.body['next']);
    const { person, why } = await checked(passport, request, response);
    if (person !== undefined) return enter(parts, request, response, person, next);
    if (why.codeOf !== undefined) {
      request.session.pending = { name: why.codeOf, next, at: parts.clock() };
      return response.redirect(303, '/sign-in/code');
    }
    const problem = whyWords(parts, why);
    // Attempts that were not even looked at would only fill the trail.
    if (why.wait === undefined) await refusedSignIn(parts, request, name, problem);
    const options = { title: parts.say('sign-in.title'), status: why.wait === undefined ? 401 : 429 };
    const model = { name, next, problem, forgotten: parts.mail !== undefined };
    return sendPage(parts, request, response, 'sign-in', options, model);
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
    const pending = pendingIn(parts, request);
    if (pending === undefined) return response.redirect(303, '/sign-in');
    return sendCode(parts, request, response, pending.name, '', 200);
  });
  router.post('/sign-in/code', async (request, response) => {
    const pending = pendingIn(parts, request);
    if (pending === undefined) return response.redirect(303, '/sign-in');
    const typed = String(request.body['code'] ?? '');
    const answer = await factorCheck(parts, request, pending.name, typed);
    if (answer.kind === 'right')
      return enterByCode(parts, request, response, pending, answer, isPasskeyAnswer(typed) ? 'passkey' : 'code');
    const problem = await codeProblem(parts, request, pending.name, answer);
    return sendCode(parts, request, response, pending.name, problem, answer.kind === 'wait' ? 429 : 401);
  });
}

async function sendCode(
  parts: PortalParts,
  request: Request,
  response: Response,
  name: string,
  problem: string,
  status: number,
): Promise<void> {
  const passkey = await passkeyOptions(parts, request, name);
  const options = { title: parts.say('sign-in.title'), status };
  return sendPage(parts, request, response, 'sign-in-code', options, { problem, passkey });
}

/** Whoever needed a recovery code is led to where the second factor is set up anew. */
async function enterByCode(
  parts: PortalParts,
  request: Request,
  response: Response,
  pending: Pending,
  answer: Extract<CodeCheck, { kind: 'right' }>,
  by: string,
): Promise<void> {
  const person = await parts.auth.person(pending.name);
  if (person === undefined) return response.redirect(303, '/sign-in');
  const [next, detail] = answer.recovery ? ['/me', `recovery code, ${answer.left} left`] : [pending.next, by];
  return enter(parts, request, response, person, next, detail);
}

async function codeProblem(parts: PortalParts, request: Request, name: string, answer: CodeCheck): Promise<string> {
  if (answer.kind === 'wait') return waitWords(parts.say, answer.seconds);
  await refusedSignIn(parts, request, name, 'wrong code');
  return parts.say('sign-in.wrong-code');
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

type Why = NotIn & { readonly message?: string };

/** Passport says itself when a field was empty. */
function whyWords({ say }: PortalParts, why: Why): string {
  if (why.wait !== undefined) return waitWords(say, why.wait);
  return say((why.message ?? '') === '' ? 'sign-in.wrong' : 'sign-in.empty');
}

interface Checked {
  readonly person: Person | undefined;
  readonly why: Why;
}

/** Passport's answer to name and password, as a promise. */
function checked(passport: SignInParts['passport'], request: Request, response: Response): Promise<Checked> {
  return new Promise((resolve, reject) => {
    // passport-local hands on what its strategy gives (shared/sign-in.ts), or a message of its own for an empty field.
    const done = (error: unknown, person?: Person | false | null, why: Why = {}): void => {
      if (error) reject(error);
      else resolve({ person: person || undefined, why });
    };
    passport.authenticate('local', done)(request, response, reject);
  });
}
