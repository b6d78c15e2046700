import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, type Readable, readable } from '../answers.ts';
import * as f from '../fields.ts';

/** What a rule looks at: Exim's words, as cPanel passes them. */
export const filterParts = [
  '$header_from:',
  '$header_subject:',
  '$header_to:',
  '$message_body',
  '$header_X-Spam-Status:',
] as const;
export const filterMatches = ['contains', 'does not contain', 'is', 'begins', 'ends', 'matches'] as const;
export const filterDoes = ['save', 'deliver', 'fail', 'finish'] as const;

export const filterFields = {
  account: f.account().meta({ label: 'Account' }),
  address: f
    .mailbox()
    .optional()
    .meta({ label: 'Mailbox', input: 'email', help: 'Left empty, the filter is for the whole account.' }),
  name: f
    .line(100)
    .regex(/^[^"\\/$<>|;]+$/, 'must not hold quotes, slashes or $ < > | ;')
    .meta({ label: 'Filter name' }),
} as const;

interface Named {
  readonly account: string;
  readonly address?: string | undefined;
  readonly name: string;
}

/** cPanel's name for whose filter it is: the mailbox, or the account itself. */
export function whoseFilter(p: Pick<Named, 'account' | 'address'>): string {
  return p.address ?? p.account;
}

export function lookAtFilters(p: Pick<Named, 'account' | 'address'>): WhmCall {
  return uapi(p.account, 'Email::list_filters', p.address === undefined ? {} : { account: p.address });
}

const row = z.object({
  filtername: z.string(),
  enabled: numeric,
  rules: z
    .array(z.object({ part: z.string(), match: z.string(), val: z.string(), opt: z.string().nullish() }))
    .default([]),
  actions: z.array(z.object({ action: z.string(), dest: z.string().nullish() })).default([]),
});

/** A filter as list_filters shows it. */
export type Filter = z.output<typeof row>;

export function readFilter(p: Named, answers: readonly Answer[]): Readable<Filter | undefined> {
  const answer = readable(answers, 0, z.array(row));
  if (!answer.ok) return answer;
  return { ok: true, value: answer.value.find((one) => one.filtername === p.name) };
}

export function noFilter(name: string): string {
  return `The filter “${name}” does not exist.`;
}

/** Whose it is, for the permission question. */
export function filterSubject(p: Pick<Named, 'account' | 'address'>) {
  const { account, address } = p;
  const whole = { kind: 'account', account } as const;
  return address === undefined ? whole : { ...whole, domain: f.halves(address).domain, mailbox: address };
}
