/** What masters say about an account, as the page shows it. */
import { z } from 'zod';
import type { PortalParts } from '../deps.ts';
import type { Block } from '../sheet.ts';

export type DomainKind = 'main' | 'addon' | 'alias' | 'sub';

export interface DomainItem {
  readonly domain: string;
  readonly kind: DomainKind;
}

/** DomainInfo::list_domains. */
export const domainsShape: z.ZodType<readonly DomainItem[]> = z
  .object({
    main_domain: z.union([z.string(), z.array(z.string()).transform((all) => all[0] ?? '')]),
    addon_domains: z.array(z.string()),
    parked_domains: z.array(z.string()),
    sub_domains: z.array(z.string()),
  })
  .transform((all) => {
    const items = (domains: readonly string[], kind: DomainKind) => domains.map((domain) => ({ domain, kind }));
    return [
      ...items([all.main_domain], 'main'),
      ...items(all.addon_domains, 'addon'),
      ...items(all.parked_domains, 'alias'),
      ...items(all.sub_domains, 'sub'),
    ];
  });

const text = z.union([z.string(), z.number()]).transform(String);

/** Email::list_pops_with_disk. */
export const mailboxesShape: z.ZodType<readonly { email: string; quota: string; used: string }[]> = z.array(
  z
    .object({
      email: z.string(),
      humandiskquota: text.nullish(),
      diskquota: text.nullish(),
      humandiskused: text.nullish(),
      diskused: text.nullish(),
    })
    .transform((one) => ({
      email: one.email,
      quota: plain(one.humandiskquota ?? one.diskquota ?? ''),
      used: plain(one.humandiskused ?? one.diskused ?? ''),
    })),
);

/** cPanel writes '250&nbsp;MB' for a page of its own. */
function plain(value: string): string {
  return value.replaceAll('&nbsp;', ' ').replaceAll('\u00a0', ' ');
}

/** Mysql::list_databases. */
export const databasesShape: z.ZodType<readonly { database: string; users: string }[]> = z.array(
  z
    .object({ database: z.string(), users: z.array(z.string()).nullish() })
    .transform((one) => ({ database: one.database, users: (one.users ?? []).join(' ') })),
);

/** Ftp::list_ftp. */
export const ftpShape: z.ZodType<readonly { user: string; type: string; homedir: string }[]> = z.array(
  z.object({ user: z.string(), type: z.string().default(''), homedir: z.string().default('') }),
);

const summary = z.looseObject({ user: z.string() });

/** accountsummary. */
export const summaryShape: z.ZodType<{ acct: readonly Readonly<Record<string, unknown>>[] }> = z.object({
  acct: z.array(summary),
});

export type Columns = readonly {
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>> | undefined;
  readonly problem: string;
}[];

/** Values that a master has for itself, so that they are no difference. */
const ownValues = new Set(['ip', 'ipv6', 'diskused', 'inodesused', 'startdate', 'unix_startdate', 'partition']);
const shown = [
  'domain',
  'ip',
  'plan',
  'owner',
  'email',
  'suspended',
  'suspendreason',
  'shell',
  'theme',
  'uid',
  'disklimit',
  'diskused',
  'maxpop',
  'maxftp',
  'maxsql',
  'maxsub',
  'maxparked',
  'maxaddons',
  'startdate',
];

/** Each value on each master; what differs and should not is marked and comes first. */
export function sideBySide(parts: PortalParts, columns: Columns): readonly Block[] {
  const { say } = parts;
  const problems = columns
    .filter((one) => one.problem !== '')
    .map((one) => say('account.not-read', { master: one.name, reason: one.problem }));
  const notes: readonly Block[] = problems.map((line) => ({ kind: 'text', text: line, tone: 'note' }));
  if (columns.every((one) => one.value === undefined))
    return notes.length > 0 ? notes : [{ kind: 'unread', text: say('live.unread') }];
  const lines = shown
    .filter((field) => columns.some((one) => one.value?.[field] !== undefined))
    .map((field) => {
      const values = columns.map((one) => (one.value === undefined ? '?' : String(one.value[field] ?? '')));
      const known = values.filter((value) => value !== '?');
      const differs = !ownValues.has(field) && new Set(known).size > 1;
      return { field, values, differs };
    })
    .toSorted((a, b) => Number(b.differs) - Number(a.differs));
  const different = lines.filter((line) => line.differs);
  const equal = lines.filter((line) => !line.differs);
  const table = (rows: typeof lines, fold?: string): Block => ({
    kind: 'table',
    columns: [say('settings.key'), ...columns.map((one) => one.name), say('account.equal')],
    empty: say('account.no-difference'),
    small: true,
    ...(fold === undefined ? {} : { fold }),
    rows: rows.map(({ field, values, differs }) => [
      { text: field, machine: true },
      ...values.map((value) => ({ text: value === '' ? '–' : value, machine: true })),
      differs
        ? { text: `≠ ${say('account.differs')}`, tone: 'warn' as const }
        : { text: ownValues.has(field) ? say('account.own') : `= ${say('account.same')}` },
    ]),
  });
  return [...notes, table(different), table(equal, say('account.equal-folded', { count: equal.length }))];
}
