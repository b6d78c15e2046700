/** The domain that a customer chose at the top: pages that are about domains then show that one alone. */
import { type Customer, customerReach } from '../../auth/customers.ts';
import { listedDomains, zonesOf } from './account-facts.ts';
import type { CustomerParts } from './deps.ts';

declare module 'express-session' {
  interface SessionData {
    /** Of the self-service; whether it is the account's is asked where it counts. */
    domain?: string;
  }
}

export interface DomainChoice {
  readonly all: readonly string[];
  /** undefined: all of them. */
  readonly chosen: string | undefined;
}

/** What can be chosen; undefined for whoever has one domain, or sees none. */
export async function domainChoice(
  parts: CustomerParts,
  who: Customer,
  chosen: string | undefined,
): Promise<DomainChoice | undefined> {
  if (who.role === 'mailbox' || customerReach(who, 'domains') === 'none') return undefined;
  const { value } = await listedDomains(parts, who.account);
  const all = value === undefined ? [] : zonesOf(value);
  return all.length < 2 ? undefined : { all, chosen: all.find((one) => one === chosen) };
}
