/** What the mail pages have in common: fields, and the list of the account's mailboxes. */
import { z } from 'zod';
import { uapi } from '../../../../whm/call.ts';
import type { Known } from '../../../portal/remembered.ts';
import type { Cell } from '../../../portal/sheet.ts';
import { mailDomains } from '../../account-facts.ts';
import type { FormField } from '../../forms.ts';
import type { Visit } from '../../visit.ts';

const flag = z
  .union([z.number(), z.string(), z.null()])
  .optional()
  .transform((value) => Number(value ?? 0) === 1);
const megabytes = z
  .union([z.number(), z.string(), z.null()])
  .optional()
  .transform((value) => {
    const number = Number(value);
    return value === null || value === undefined || Number.isNaN(number) ? undefined : number;
  });

const Mailboxes = z.array(
  z.object({
    email: z.string(),
    diskquota: megabytes,
    diskused: megabytes,
    suspended_login: flag,
    suspended_incoming: flag,
    suspended_outgoing: flag,
  }),
);

/** A mailbox of the account; quota and use in MB, undefined quota: unlimited. */
export type Mailbox = z.output<typeof Mailboxes>[number];

/** Email::list_pops_with_disk, from memory. */
export function mailboxesOf(visit: Visit): Promise<Known<readonly Mailbox[]>> {
  return visit.ask(uapi(visit.account, 'Email::list_pops_with_disk'), Mailboxes);
}

/** Two fields that make an address of the account: what stands before the @, and one of its domains. */
export async function addressFields(visit: Visit, label: string): Promise<readonly FormField[]> {
  return [
    { name: 'local', label, help: visit.say('mail.local.help'), input: 'text', required: true },
    await domainField(visit),
  ];
}

/** One of the account's mail domains. */
export async function domainField(visit: Visit): Promise<FormField> {
  const all = await mailDomains(visit);
  const domains = all.toSorted((a, b) => Number(b === visit.chosen) - Number(a === visit.chosen));
  return {
    name: 'domain',
    label: visit.say('mail.domain'),
    input: 'select',
    required: true,
    options: domains,
    ...(domains[0] === undefined ? {} : { default: domains[0] }),
  };
}

/** The address that the two fields make. */
export function addressIn(visit: Visit): string {
  return `${(visit.body['local'] ?? '').trim()}@${visit.body['domain'] ?? ''}`;
}

/** An action's field `address` is shown as the field `local`. */
export function atLocal<T extends { readonly path: string }>(issues: readonly T[]): readonly T[] {
  return issues.map((issue) => (issue.path === 'address' ? { ...issue, path: 'local' } : issue));
}

/** The address that a path names. */
export function addressAt(visit: Visit): string {
  return String(visit.request.params['address'] ?? '')
    .slice(0, 320)
    .toLowerCase();
}

export function part(text: string): string {
  return encodeURIComponent(text);
}

/** '12 of 250 MB'. */
export function usageText(visit: Visit, row: Mailbox): string {
  const used = Math.round(row.diskused ?? 0);
  const most = row.diskquota;
  return most === undefined || most === 0
    ? visit.say('boxes.usage.unlimited', { used })
    : visit.say('boxes.usage', { used, most });
}

/** What is suspended, in words. */
export function stateCell(visit: Visit, row: Mailbox): Cell {
  const off = (['login', 'incoming', 'outgoing'] as const).filter((one) => row[`suspended_${one}`]);
  if (off.length === 0) return { text: visit.say('boxes.on'), tone: 'good' };
  return { text: off.map((one) => visit.say(`boxes.off.${one}`)).join(', '), tone: 'warn' };
}

/** The field of a new password; with `makes` the form fills it. */
export function passwordField(visit: Visit): FormField {
  return {
    name: 'password',
    label: visit.say('mail.password'),
    help: visit.say('mail.password.help'),
    input: 'password',
    secret: true,
    required: true,
  };
}

/** A mailbox's quota in MB, or the word for none. */
export function quotaField(visit: Visit): FormField {
  return {
    name: 'quotaMb',
    label: visit.say('boxes.quota'),
    help: visit.say('boxes.quota.help'),
    input: 'text',
    required: true,
    default: '1024',
  };
}

/** A quota as it was typed; a word in either language, or nothing, is 'unlimited'. */
export function quotaIn(visit: Visit): string {
  const typed = (visit.body['quotaMb'] ?? '').trim().toLowerCase();
  return typed === '' || typed === visit.say('unlimited') ? 'unlimited' : typed;
}
