/** Who is signed in to the self-service: read anew with each request, so that what is ended is ended at once. */
import type { Request, RequestHandler } from 'express';
import type { Actor } from '../../auth/actor.ts';
import { type Customer, customerActor, customerKey } from '../../auth/customers.ts';
import { NotAllowed } from '../../errors.ts';
import type { OperationView } from '../../operations/model.ts';
import type { CustomerParts } from './deps.ts';

declare module 'express-session' {
  interface SessionData {
    customer?: Customer;
    /** When this customer's session began, or its own password was last changed in it; epoch milliseconds. */
    customerAt?: number;
    /** A right password whose code is still to come. */
    customerPending?: { readonly customer: Customer; readonly next: string; readonly at: number };
  }
}

const everybody: Actor = { kind: 'system', name: 'self-service', scope: 'all' };

/** What ends the sessions of an account's owner, and of a mailbox user. */
const ends: Readonly<Record<'account' | 'mailbox', readonly string[]>> = {
  account: ['account.password', 'account.terminate'],
  mailbox: ['mailbox.password', 'mailbox.access', 'mailbox.delete'],
};

/** Puts who is signed in into the request. */
export function whoIsThere(parts: CustomerParts): RequestHandler {
  return async (request, _response, next) => {
    const { customer } = request.session;
    if (customer !== undefined) {
      const now = await stillThere(parts, request, customer);
      if (now !== undefined) request.customer = now;
    }
    next();
  };
}

/** Sends everybody who is not signed in to the sign-in page, which leads back here. */
export function customersOnly(): RequestHandler {
  return (request, response, next) => {
    if (request.customer !== undefined) return next();
    if (request.method !== 'GET' || request.path === '/my/events') throw new NotAllowed('sign-in.first');
    response.redirect(303, `/my/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
  };
}

/** The account as the masters have it; undefined: there is none, or no list was ever read. */
export async function accountRow(parts: CustomerParts, account: string) {
  const { rows, from } = await parts.remembered.accounts(everybody);
  return { row: rows.find((row) => row.user === account), isKnown: from !== '' };
}

/** The actor behind a request. Throws NotAllowed when nobody is signed in. */
export async function actorOf(parts: CustomerParts, request: Request): Promise<Actor> {
  const who = request.customer;
  if (who === undefined) throw new NotAllowed('sign-in.first');
  const address = request.ip ?? '';
  if (who.staff === undefined) return customerActor(who, address);
  const staff = await parts.staffActor(who.staff.name, address);
  if (staff === undefined) throw new NotAllowed('sign-in.first');
  return customerActor(who, address, staff);
}

async function stillThere(parts: CustomerParts, request: Request, who: Customer): Promise<Customer | undefined> {
  if (!(await parts.auth.sessionIsOf(request.sessionID, customerKey(who)))) return undefined;
  if (who.staff !== undefined) {
    return (await parts.staffActor(who.staff.name, request.ip ?? '')) === undefined ? undefined : who;
  }
  const { row, isKnown } = await accountRow(parts, who.account);
  if (isKnown && (row === undefined || row.suspended)) return undefined;
  if (who.collaborator !== undefined) return collaboratorNow(parts, who, who.collaborator);
  return (await endedSince(parts, who, request.session.customerAt ?? 0)) ? undefined : who;
}

/** With the role that the owner gives now; undefined once removed. */
async function collaboratorNow(parts: CustomerParts, who: Customer, id: string): Promise<Customer | undefined> {
  const found = await parts.auth.customers.collaborator(id);
  return found?.account === who.account ? { ...who, role: found.role } : undefined;
}

/** Whether the password was changed, or the thing closed or removed, after the session began. */
async function endedSince(parts: CustomerParts, who: Customer, since: number): Promise<boolean> {
  const kind = who.role === 'mailbox' ? 'mailbox' : 'account';
  for (const action of ends[kind]) if (await wasEnded(parts, who, action, since)) return true;
  return false;
}

const pageSize = 20;

/** Looks at all that came since: one account may change the passwords of a hundred mailboxes in a minute. */
async function wasEnded(parts: CustomerParts, who: Customer, action: string, since: number): Promise<boolean> {
  let last: string | undefined;
  for (;;) {
    const older = last === undefined ? {} : { before: last };
    const page = await parts.operations.list({ account: who.account, action, limit: pageSize, ...older });
    const fresh = page.filter((view) => Date.parse(view.acceptedAt) > since);
    if (fresh.some((view) => isEnd(view, who))) return true;
    last = page.at(-1)?.id;
    if (fresh.length < pageSize || last === undefined) return false;
  }
}

function isEnd({ action, state, subject, params }: OperationView, who: Customer): boolean {
  if (state === 'refused' || state === 'withdrawn') return false;
  if (action === 'mailbox.access' && params['login'] !== false) return false;
  return who.role !== 'mailbox' || (subject.kind === 'account' && subject.mailbox === who.name);
}
