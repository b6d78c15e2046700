/** Name and password → who it is. At most one call to one master, whatever becomes of it. */
import type { Customer } from '../../auth/customers.ts';
import type { CustomerParts, PasswordAnswer } from './deps.ts';

export type Identified =
  | { readonly kind: 'right'; readonly customer: Customer }
  | { readonly kind: Exclude<PasswordAnswer, 'right'> }
  | { readonly kind: 'wait'; readonly seconds: number };

const accountPattern = /^[a-z][a-z0-9_-]{0,31}$/;
const addressPattern = /^[^\s@]{1,64}@[a-z0-9.-]{3,253}$/;
const longestPassword = 256;

/** A name with an @ is a collaborator or a mailbox, in this order; any other is an account. */
export async function identify(
  parts: CustomerParts,
  given: { readonly name: string; readonly password: string; readonly address: string },
): Promise<Identified> {
  const name = given.name.trim().toLowerCase();
  const password = given.password.slice(0, longestPassword);
  const seconds = await parts.auth.customers.take(name, given.address);
  if (seconds > 0) return { kind: 'wait', seconds };
  const found = name.includes('@') ? await byAddress(parts, name, password) : await byAccount(parts, name, password);
  // What could not be checked was no guess.
  if (found.kind === 'right' || found.kind === 'later' || found.kind === 'code')
    await parts.auth.customers.clear(name, given.address);
  return found;
}

async function byAccount(parts: CustomerParts, account: string, password: string): Promise<Identified> {
  if (!accountPattern.test(account)) return { kind: 'wrong' };
  const kind = await parts.passwords.account(account, password);
  return kind === 'right' ? { kind, customer: { account, role: 'owner', name: account } } : { kind };
}

async function byAddress(parts: CustomerParts, address: string, password: string): Promise<Identified> {
  if (!addressPattern.test(address)) return { kind: 'wrong' };
  const found = await parts.auth.customers.byPassword(address, password);
  if (found !== undefined) {
    const { account, role, email, id } = found;
    return { kind: 'right', customer: { account, role, name: email, collaborator: id } };
  }
  const { answer, account } = await parts.passwords.mailbox(address, password);
  if (answer !== 'right') return { kind: answer };
  return { kind: 'right', customer: { account, role: 'mailbox', name: address } };
}
