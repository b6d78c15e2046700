import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, type Readable, readable } from '../answers.ts';
import * as f from '../fields.ts';

export const accountField = f.account().meta({ label: 'Account' });
export const mailboxField = f.mailbox().meta({ label: 'Address', input: 'email', placeholder: 'name@example.com' });

const row = z.object({ email: z.string(), diskquota: z.union([numeric, z.string()]).nullish() });

/** A mailbox as list_pops_with_disk shows it. */
export type Mailbox = z.output<typeof row>;

/** Asks for the domain's mailboxes, since WHM's own filter by address is a substring match on some versions. */
export function lookAtMailboxes(account: string, address: string): WhmCall {
  return uapi(account, 'Email::list_pops_with_disk', { domain: f.halves(address).domain });
}

/** The mailbox, or undefined inside a readable answer: the account has no such one here. */
export function readMailbox(answers: readonly Answer[], address: string): Readable<Mailbox | undefined> {
  const answer = readable(answers, 0, z.array(row));
  if (!answer.ok) return answer;
  return { ok: true, value: answer.value.find((pop) => pop.email.toLowerCase() === address) };
}

/** Quotas are listed as MB, as text, or as 'unlimited'; 0 means that too. */
export function hasQuota(found: Mailbox, quotaMb: number | 'unlimited' | undefined): boolean {
  if (quotaMb === undefined) return true;
  const listed = Number(found.diskquota);
  if (quotaMb === 'unlimited') return Number.isNaN(listed) || listed === 0;
  return listed === quotaMb;
}

/** What add_pop and its kin call the address: two halves. */
export function halved(address: string): { readonly email: string; readonly domain: string } {
  const { local, domain } = f.halves(address);
  return { email: local, domain };
}

export function noMailbox(address: string): string {
  return `The email account "${address}" does not exist.`;
}
