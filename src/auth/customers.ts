/**
 * Who is a customer: the owner of an account (whose password the masters know), a collaborator (whose password Tandem
 * knows), a mailbox user, or staff who look at an account as its customer does.
 */
import { createHash } from 'node:crypto';
import type { Actor } from './actor.ts';
import {
  byPassword,
  type Collaborator,
  collaborator,
  collaboratorKey,
  collaboratorPassword,
  collaborators,
  type Invitation,
  invite,
  inviteAgain,
  join,
  removeCollaborator,
} from './collaborators.ts';
import { type CustomerLink, linkOf, putLink, spendLink } from './customer-links.ts';
import { type Area, aclOf, type CustomerRole, type Reach, reachOf } from './customer-roles.ts';
import type { AuthDeps } from './journal.ts';
import { throttleClear, throttleTake } from './throttle.ts';

/** Somebody in the self-service. */
export interface Customer {
  readonly account: string;
  readonly role: CustomerRole;
  /** As it is shown and written into the audit trail: 'bob', 'ana@x.example', 'info@bob.example'. */
  readonly name: string;
  /** Id of a collaborator. */
  readonly collaborator?: string;
  /** Staff who look at the account as its customer does, and why. */
  readonly staff?: { readonly name: string; readonly reason: string };
}

/** What the self-service asks of auth. */
export interface Customers {
  collaborators(account: string): Promise<readonly Collaborator[]>;
  collaborator(id: string): Promise<Collaborator | undefined>;
  invite(input: Invitation): Promise<string>;
  inviteAgain(account: string, id: string): Promise<string>;
  remove(account: string, id: string): Promise<void>;
  join(secret: string, password: string): Promise<Collaborator>;
  byPassword(email: string, password: string): Promise<Collaborator | undefined>;
  setPassword(id: string, password: string, keep?: string): Promise<void>;
  /** A link good once, for a minute. */
  enterLink(customer: Customer): Promise<string>;
  linkOf(secret: string): Promise<CustomerLink | undefined>;
  /** Spends a link that enters; undefined: unknown, over, or spent before. */
  redeem(secret: string): Promise<Customer | undefined>;
  /** Counts an attempt to sign in, before it is looked at; answers the seconds to wait, 0 to go on. */
  take(name: string, address: string): Promise<number>;
  clear(name: string, address: string): Promise<void>;
}

const enterMs = 60_000;

/**
 * Under what name sessions, second factors and throttles of a customer are kept: at most 64 characters, and never the
 * name of one of Tandem's own people, which hold no slash.
 */
export function customerKey(who: Customer): string {
  const whole = wholeKey(who);
  return whole.length <= 64 ? whole : `x/${createHash('sha256').update(whole).digest('hex').slice(0, 60)}`;
}

function wholeKey(who: Customer): string {
  if (who.staff !== undefined) return `as/${who.staff.name}/${who.account}`;
  if (who.collaborator !== undefined) return collaboratorKey(who.collaborator);
  return who.role === 'mailbox' ? `box/${who.name}` : `my/${who.account}`;
}

/** The actor that a customer is. `staff`: the actor of whoever looks on, who stays that and is bounded by the account. */
export function customerActor(who: Customer, address: string, staff?: Actor): Actor {
  const scope = { account: who.account };
  if (staff !== undefined) return { ...staff, scope, address };
  const acl = aclOf(who.role);
  const name = who.collaborator === undefined ? who.name : `${who.account}: ${who.name}`;
  return {
    kind: 'customer',
    name: name.slice(0, 64),
    scope,
    address,
    ...(acl === undefined ? {} : { acl }),
    ...(who.role === 'mailbox' ? { mailbox: who.name } : {}),
  };
}

/** How far a customer reaches in an area. Staff see who may sign in, and touch neither that nor anybody's own sign-in. */
export function customerReach(who: Customer, area: Area): Reach {
  if (who.staff === undefined) return reachOf(who.role, area);
  if (area === 'own') return 'none';
  return area === 'people' ? 'see' : reachOf(who.role, area);
}

/** Opens nothing; the journal is its owner's to close. */
export function openCustomers(deps: AuthDeps): Customers {
  return {
    collaborators: (account) => collaborators(deps, account),
    collaborator: (id) => collaborator(deps, id),
    invite: (input) => invite(deps, input),
    inviteAgain: (account, id) => inviteAgain(deps, account, id),
    remove: (account, id) => removeCollaborator(deps, account, id),
    join: (secret, password) => join(deps, secret, password),
    byPassword: (email, password) => byPassword(deps, email, password),
    setPassword: (id, password, keep) => collaboratorPassword(deps, id, password, keep),
    enterLink: (customer) => putLink(deps, { kind: 'enter', customer }, enterMs),
    linkOf: (secret) => linkOf(deps, secret),
    async redeem(secret) {
      // Looked at first, so that an invitation opened in the wrong place is not spent.
      if ((await linkOf(deps, secret))?.kind !== 'enter') return undefined;
      const link = await spendLink(deps, secret);
      return link?.kind === 'enter' ? link.customer : undefined;
    },
    async take(name, address) {
      return Math.ceil((await throttleTake(deps, `customer/${name}`, address)) / 1000);
    },
    clear: (name, address) => throttleClear(deps, `customer/${name}`, address),
  };
}
