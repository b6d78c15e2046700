import type { Actor } from './actor.ts';
import { has, type Role } from './roles.ts';

/** The part of an action that permission looks at. */
export interface Asked {
  readonly id: string;
  readonly audience: readonly string[];
  readonly destroys?: readonly string[];
}

/** The part of a subject that permission looks at. */
export type Whose =
  | { readonly kind: 'account'; readonly account: string; readonly mailbox?: string }
  | { readonly kind: 'package' | 'reseller'; readonly name: string }
  | { readonly kind: 'server' };

/** The reseller that owns an account; undefined when there is no such account. */
export type OwnerOf = (account: string) => string | undefined;

const nobodyOwns: OwnerOf = () => undefined;

/**
 * Whether the actor may do this action on this subject. The one rule for every door.
 * For a reseller `ownerOf` must know the accounts; without it a reseller reaches only the account of its own name.
 */
export function may(actor: Actor, action: Asked, subject: Whose, ownerOf: OwnerOf = nobodyOwns): boolean {
  return whyNot(actor, action, subject, ownerOf) === undefined;
}

/** The reason, one sentence, why the actor may not; undefined when it may. */
export function whyNot(actor: Actor, action: Asked, subject: Whose, ownerOf: OwnerOf = nobodyOwns): string | undefined {
  return (
    byRole(actor.kind === 'person' ? (actor.role ?? 'none') : undefined, action, subject) ??
    byAcl(actor.acl, action) ??
    byMailbox(actor.mailbox, action, subject) ??
    byScope(actor.scope, action, subject, ownerOf)
  );
}

const rightFor = { account: 'accounts', package: 'packages', reseller: 'resellers', server: 'server' } as const;

/** undefined role: not a person, and bounded by scope and acl alone. */
function byRole(role: Role | 'none' | undefined, action: Asked, subject: Whose): string | undefined {
  if (role === undefined) return undefined;
  if (role === 'none') return 'A person without a role may do nothing.';
  if (!has(role, rightFor[subject.kind])) return refusalOf(role);
  return (action.destroys ?? []).length > 0 && !has(role, 'destroy') ? `The role ${role} removes nothing.` : undefined;
}

function refusalOf(role: Role): string {
  return role === 'support' ? 'Support works on accounts only.' : `The role ${role} changes nothing.`;
}

function byAcl(acl: readonly string[] | undefined, action: Asked): string | undefined {
  if (acl === undefined || acl.some((entry) => entryAllows(entry, action.id))) return undefined;
  return `This token may not do ${action.id}.`;
}

function entryAllows(entry: string, id: string): boolean {
  if (entry === 'all' || entry === id) return true;
  return entry.endsWith('.*') && id.startsWith(entry.slice(0, -1));
}

function byScope(scope: Actor['scope'], action: Asked, subject: Whose, ownerOf: OwnerOf): string | undefined {
  if (scope === 'all') return undefined;
  if ('reseller' in scope) return byReseller(scope.reseller, action, subject, ownerOf);
  if (!action.audience.includes('customer')) return 'This is not offered to customers.';
  return subject.kind === 'account' && subject.account === scope.account ? undefined : notYours;
}

/** A mailbox user reaches its own mailbox and nothing else of the account. */
function byMailbox(mailbox: string | undefined, action: Asked, subject: Whose): string | undefined {
  if (mailbox === undefined) return undefined;
  if (!action.audience.includes('mailbox-user')) return 'This is not offered to mailbox users.';
  return subject.kind === 'account' && subject.mailbox === mailbox ? undefined : notYours;
}

const notYours = 'No such thing, or not yours.';

function byReseller(reseller: string, action: Asked, subject: Whose, ownerOf: OwnerOf): string | undefined {
  if (!action.audience.includes('reseller')) return 'This is not offered to resellers.';
  switch (subject.kind) {
    case 'account':
      return ownsAccount(reseller, action, subject.account, ownerOf) ? undefined : notYours;
    case 'package':
      return subject.name.startsWith(`${reseller}_`) ? undefined : notYours;
    case 'reseller':
      return subject.name === reseller ? undefined : notYours;
    case 'server':
      return 'Resellers change no server settings.';
  }
}

function ownsAccount(reseller: string, action: Asked, account: string, ownerOf: OwnerOf): boolean {
  const owner = ownerOf(account);
  if (owner === undefined && action.id === 'account.create') return true;
  return owner === reseller || account === reseller;
}
