import type { Role } from './roles.ts';

/** Who asks. `name` goes into the audit trail; `scope` says how far they reach. */
export interface Actor {
  /** 'customer': an account's owner, a collaborator or a mailbox user in the self-service. */
  readonly kind: 'person' | 'token' | 'system' | 'customer';
  readonly name: string;
  /** 'all', or the cPanel names (reseller or account) that bound what they may touch. */
  readonly scope: 'all' | { readonly reseller: string } | { readonly account: string };
  readonly address?: string;
  /** Of a person. Without a role and an acl the scope alone bounds the actor. */
  readonly role?: Role;
  /** Of a token: 'all', 'read', an action id, or a group such as 'mailbox.*'. */
  readonly acl?: readonly string[];
  /** Of a reseller, as the masters have them: what is not among them nobody does in the reseller's name. */
  readonly privileges?: ReadonlySet<string>;
  /** Of a mailbox user: the one address that bounds what is reached within the account. */
  readonly mailbox?: string;
  /** Of a token. */
  readonly tokenId?: string;
  /** Of a token: how long the passthrough keeps its caller waiting for an outcome, ms. */
  readonly waitMs?: number;
}
