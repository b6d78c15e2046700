import type { Request, Response } from 'express';
import { type Customer, customerKey } from '../../auth/customers.ts';
import { sessionId } from '../../auth/session-list.ts';
import type { CustomerParts } from './deps.ts';

function renewed(request: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    request.session.regenerate((error: unknown) => (error ? reject(error) : resolve()));
  });
}

/** Starts a new session for a customer, so that an id known from before is worth nothing. */
export async function enter(
  parts: CustomerParts,
  request: Request,
  response: Response,
  customer: Customer,
  next: string,
  detail: string,
): Promise<void> {
  await renewed(request);
  request.session.customer = customer;
  request.session.customerAt = parts.clock();
  request.session.sureAt = parts.clock();
  const address = request.ip ?? '';
  const from = {
    person: customerKey(customer),
    door: 'customer',
    address,
    agent: request.get('user-agent') ?? '',
  } as const;
  await parts.auth.sessionBegin(request.sessionID, from);
  const actor = { kind: 'customer', name: customer.staff?.name ?? customer.name, address };
  await parts.auth.audit({ actor, event: 'customer.sign-in', subject: customer.account, detail });
  response.redirect(303, next);
}

/** Ends this request's session. */
export async function leave(parts: CustomerParts, request: Request): Promise<void> {
  await parts.auth.sessionEnd(sessionId(request.sessionID));
  await new Promise<void>((resolve, reject) => {
    request.session.destroy((error: unknown) => (error ? reject(error) : resolve()));
  });
}
