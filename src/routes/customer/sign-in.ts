import { type Request, type Response, Router } from 'express';
import { type Customer, customerKey } from '../../auth/customers.ts';
import { NotAllowed } from '../../errors.ts';
import type { CustomerParts } from './deps.ts';
import { sendPage } from './frame.ts';
import { type Identified, identify } from './identify.ts';
import { languageOf } from './language.ts';
import { enter, leave } from './session.ts';
import { sayIn } from './texts/index.ts';

/** Where to go after signing in: a page of the self-service, never another host. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/my(?:\/(?![/\\])[\x21-\x7e]*|\?[\x21-\x7e]*)?$/.test(next) ? next : '/my';
}

/** How long a right password waits for its code, milliseconds. */
const pendingMs = 5 * 60_000;

/** Sign-in in one step or two, by a link, and sign-out. */
export function customerSignIn(parts: CustomerParts): Router {
  const router = Router();
  router.get('/my/sign-in', (request, response) => {
    const next = safeNext(request.query['next']);
    if (request.customer !== undefined) return response.redirect(303, next);
    return sendSignIn(parts, request, response, { name: '', next, problem: '' });
  });
  router.post('/my/sign-in', (request, response) => signIn(parts, request, response));
  router.post('/my/sign-out', async (request, response) => {
    const { customer } = request;
    await leave(parts, request);
    // Staff go back to where they came from, in the session that is their own.
    response.redirect(303, customer?.staff === undefined ? '/my/sign-in' : `/accounts/${customer.account}`);
  });
  codeRoutes(parts, router);
  router.get('/my/enter/:secret', async (request, response) => {
    const customer = await parts.auth.customers.redeem(String(request.params['secret']).slice(0, 64));
    if (customer === undefined) throw new NotAllowed('sign-in.link-over');
    return enter(parts, request, response, customer, '/my', customer.staff === undefined ? 'link' : 'as the customer');
  });
  return router;
}

interface SignInModel {
  readonly name: string;
  readonly next: string;
  readonly problem: string;
}

function sendSignIn(
  parts: CustomerParts,
  request: Request,
  response: Response,
  model: SignInModel,
  status = 200,
): Promise<void> {
  const title = sayIn(languageOf(request))('sign-in.title');
  return sendPage(parts, request, response, 'sign-in', { title, status }, model);
}

async function signIn(parts: CustomerParts, request: Request, response: Response): Promise<void> {
  const name = String(request.body['name'] ?? '').slice(0, 320);
  const password = String(request.body['password'] ?? '');
  const next = safeNext(request.body['next']);
  const say = sayIn(languageOf(request));
  if (name.trim() === '' || password === '')
    return sendSignIn(parts, request, response, { name, next, problem: say('sign-in.fill') }, 422);
  const found = await identify(parts, { name, password, address: request.ip ?? '' });
  if (found.kind === 'right') return checkSecond(parts, request, response, found.customer, next);
  if (found.kind === 'wrong') await noteRefused(parts, request, name, 'wrong password');
  const [problem, status] = tellingOf(found, say);
  return sendSignIn(parts, request, response, { name, next, problem }, status);
}

function tellingOf(
  found: Exclude<Identified, { kind: 'right' }>,
  say: ReturnType<typeof sayIn>,
): readonly [string, number] {
  switch (found.kind) {
    case 'wrong':
      return [say('sign-in.wrong'), 401];
    case 'later':
      return [say('sign-in.later'), 503];
    case 'code':
      return [say('sign-in.cpanel-code'), 403];
    case 'wait':
      return [say('sign-in.wait', { count: found.seconds }), 429];
  }
}

async function noteRefused(parts: CustomerParts, request: Request, name: string, detail: string): Promise<void> {
  const actor = { kind: 'customer', name: name.slice(0, 64), address: request.ip ?? '' };
  await parts.auth.audit({ actor, event: 'customer.sign-in.refused', detail });
}

async function checkSecond(
  parts: CustomerParts,
  request: Request,
  response: Response,
  customer: Customer,
  next: string,
): Promise<void> {
  const { active } = await parts.auth.secondFactor.state(customerKey(customer));
  if (!active) return enter(parts, request, response, customer, next, '');
  request.session.customerPending = { customer, next, at: parts.clock() };
  response.redirect(303, '/my/sign-in/code');
}

/** The second step, for whom a second factor is set up. */
function codeRoutes(parts: CustomerParts, router: Router): void {
  router.get('/my/sign-in/code', (request, response) => {
    if (pendingIn(parts, request) === undefined) return response.redirect(303, '/my/sign-in');
    return sendCode(parts, request, response, '', 200);
  });
  router.post('/my/sign-in/code', async (request, response) => {
    const pending = pendingIn(parts, request);
    if (pending === undefined) return response.redirect(303, '/my/sign-in');
    const say = sayIn(languageOf(request));
    const key = customerKey(pending.customer);
    const code = String(request.body['code'] ?? '').slice(0, 64);
    const answer = await parts.auth.secondFactor.check(key, code, request.ip ?? '');
    if (answer.kind === 'wait')
      return sendCode(parts, request, response, say('sign-in.wait', { count: answer.seconds }), 429);
    if (answer.kind === 'wrong') {
      await noteRefused(parts, request, pending.customer.name, 'wrong code');
      return sendCode(parts, request, response, say('sign-in.code.wrong'), 401);
    }
    // Whoever needed a recovery code is led to where the second factor is set up anew.
    const next = answer.recovery ? '/my/own' : pending.next;
    return enter(parts, request, response, pending.customer, next, answer.recovery ? 'recovery code' : 'code');
  });
}

function sendCode(
  parts: CustomerParts,
  request: Request,
  response: Response,
  problem: string,
  status: number,
): Promise<void> {
  const title = sayIn(languageOf(request))('sign-in.code.title');
  return sendPage(parts, request, response, 'sign-in-code', { title, status }, { problem });
}

function pendingIn(parts: CustomerParts, request: Request) {
  const { customerPending } = request.session;
  return customerPending !== undefined && parts.clock() - customerPending.at < pendingMs ? customerPending : undefined;
}
