import { z } from 'zod';
import { type ArgValue, type WhmCall, whm } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, readable } from '../answers.ts';
import * as f from '../fields.ts';

/** What a package sets. Only what is given is sent and compared; the rest is WHM's default, equal on every master. */
export const settingFields = {
  quotaMb: f.quotaMb().optional().meta({ label: 'Disk quota (MB)' }),
  bandwidthMb: f.quotaMb().optional().meta({ label: 'Monthly traffic (MB)' }),
  maxMailboxes: f.limit().optional().meta({ label: 'Most mailboxes' }),
  maxMailboxQuotaMb: f.quotaMb().optional().meta({ label: 'Largest mailbox quota (MB)' }),
  maxFtp: f.limit().optional().meta({ label: 'Most FTP accounts' }),
  maxDatabases: f.limit().optional().meta({ label: 'Most databases' }),
  maxSubdomains: f.limit().optional().meta({ label: 'Most subdomains' }),
  maxAliases: f.limit().optional().meta({ label: 'Most alias domains' }),
  maxAddons: f.limit().optional().meta({ label: 'Most addon domains' }),
  maxLists: f.limit().optional().meta({ label: 'Most mailing lists' }),
  maxTeamUsers: f.whole(0, 7).optional().meta({ label: 'Most team users', input: 'number' }),
  maxEmailPerHour: f.limit().optional().meta({ label: 'Most mails sent an hour' }),
  maxDeferFailPercent: f.limit().optional().meta({ label: 'Most failed mails (%)' }),
  featureList: f.name().optional().meta({ label: 'Feature list' }),
  theme: f.name().optional().meta({ label: 'Theme' }),
  language: f.name().optional().meta({ label: 'Language' }),
  shell: f.flag().optional().meta({ label: 'Shell access' }),
  cgi: f.flag().optional().meta({ label: 'CGI' }),
  digestAuth: f.flag().optional().meta({ label: 'Digest authentication' }),
} as const;

const settings = z.object(settingFields);
export type Settings = z.output<typeof settings>;

interface Word {
  readonly param: keyof Settings;
  /** addpkg's and editpkg's argument. */
  readonly arg: string;
  /** listpkgs' field. */
  readonly field: string;
}

const words: readonly Word[] = [
  { param: 'quotaMb', arg: 'quota', field: 'QUOTA' },
  { param: 'bandwidthMb', arg: 'bwlimit', field: 'BWLIMIT' },
  { param: 'maxMailboxes', arg: 'maxpop', field: 'MAXPOP' },
  { param: 'maxMailboxQuotaMb', arg: 'max_emailacct_quota', field: 'MAX_EMAILACCT_QUOTA' },
  { param: 'maxFtp', arg: 'maxftp', field: 'MAXFTP' },
  { param: 'maxDatabases', arg: 'maxsql', field: 'MAXSQL' },
  { param: 'maxSubdomains', arg: 'maxsub', field: 'MAXSUB' },
  { param: 'maxAliases', arg: 'maxpark', field: 'MAXPARK' },
  { param: 'maxAddons', arg: 'maxaddon', field: 'MAXADDON' },
  { param: 'maxLists', arg: 'maxlst', field: 'MAXLST' },
  { param: 'maxTeamUsers', arg: 'max_team_users', field: 'MAX_TEAM_USERS' },
  { param: 'maxEmailPerHour', arg: 'max_email_per_hour', field: 'MAX_EMAIL_PER_HOUR' },
  { param: 'maxDeferFailPercent', arg: 'max_defer_fail_percentage', field: 'MAX_DEFER_FAIL_PERCENTAGE' },
  { param: 'featureList', arg: 'featurelist', field: 'FEATURELIST' },
  { param: 'theme', arg: 'cpmod', field: 'CPMOD' },
  { param: 'language', arg: 'language', field: 'LANG' },
  { param: 'shell', arg: 'hasshell', field: 'HASSHELL' },
  { param: 'cgi', arg: 'cgi', field: 'CGI' },
  { param: 'digestAuth', arg: 'digestauth', field: 'DIGESTAUTH' },
];

/** addpkg writes these two in capitals, editpkg does not. */
const capitals = new Set(['max_email_per_hour', 'max_defer_fail_percentage']);

export function packageCall(fn: 'addpkg' | 'editpkg', name: string, p: Settings): WhmCall {
  const args: Record<string, ArgValue> = { name };
  for (const { param, arg } of words) args[fn === 'addpkg' && capitals.has(arg) ? arg.toUpperCase() : arg] = p[param];
  if (fn === 'addpkg') args['ip'] = 'n';
  return whm(fn, args);
}

/** A call's argument names, for `covers`: both spellings, and what Tandem does anyway. */
export const wording = {
  names: {
    name: 'name',
    ...Object.fromEntries(
      words.flatMap(({ arg, param }) => [
        [arg, param],
        [arg.toUpperCase(), param],
      ]),
    ),
  },
  implied: { ip: ['n', '0', ''], frontpage: ['0', '1', ''], _PACKAGE_EXTENSIONS: [''] },
} as const;

const row = z.looseObject({ name: z.string() });
const list = z.object({ pkg: z.array(row) });

/** A package as listpkgs shows it: upper-case fields, texts and numbers mixed. */
export type Listed = z.output<typeof row>;

export function lookAtPackages(): WhmCall {
  return whm('listpkgs');
}

/** undefined: no such package. */
export function readPackage(answers: readonly Answer[], name: string): Listed | undefined {
  const answer = readable(answers, 0, list);
  return answer.ok ? answer.value.pkg.find((pkg) => pkg.name === name) : undefined;
}

function asListed(value: Settings[keyof Settings]): string {
  return typeof value === 'boolean' ? (value ? 'y' : 'n') : String(value);
}

/** Listed values that mean no limit. */
function normal(value: unknown): string {
  const text = String(value ?? '');
  const number = numeric.safeParse(value);
  return number.success ? String(number.data) : text.toLowerCase() === 'unlimited' ? 'unlimited' : text;
}

/** Whether the master's package has every setting that was given. */
export function hasSettings(found: Listed, p: Settings): boolean {
  return words.every(({ param, field }) => p[param] === undefined || normal(found[field]) === asListed(p[param]));
}

/** A listed package's settings in one form, by parameter: what is compared between masters. */
export function shownSettings(found: Listed): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.flatMap(({ param, field }) => (found[field] === undefined ? [] : [[param, normal(found[field])]])),
  );
}

/** Back from what `shownSettings` shows to parameters of package.add and package.edit. Empty texts say nothing. */
export function settingsOfShown(shown: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(shown).flatMap(([param, value]): [string, unknown][] => {
      if (value === '') return [];
      if (value === 'y' || value === 'n') return [[param, value === 'y']];
      return [[param, /^\d+$/.test(value) ? Number(value) : value]];
    }),
  );
}
