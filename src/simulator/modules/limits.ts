/** Limits of packages and accounts: from parameters, and as WHM shows them. */
import { type Params, Refusal } from '../params.ts';
import type { Limit, Limits } from '../tables.ts';

/** What a package has when nothing is said, as addpkg documents it. */
export const defaults: Limits = {
  quota: null,
  bwlimit: 1_048_576,
  maxpop: null,
  maxftp: null,
  maxsql: null,
  maxsub: null,
  maxpark: 0,
  maxaddon: 0,
  maxlst: null,
  maxEmailPerHour: null,
  maxDeferFailPercentage: null,
  maxEmailacctQuota: null,
  maxTeamUsers: 7,
  maxPassengerApps: 4,
  cgi: true,
  hasshell: false,
  ip: false,
  digestauth: false,
  cpmod: 'jupiter',
  language: 'en',
  featurelist: 'default',
};

type Numeric = {
  [K in keyof Limits]: Limits[K] extends Limit ? K : never;
}[keyof Limits];

/** Field → the parameter names it goes by, lower case as createacct and addpkg take them. */
const NUMERIC: Readonly<Record<Numeric, string>> = {
  quota: 'quota',
  bwlimit: 'bwlimit',
  maxpop: 'maxpop',
  maxftp: 'maxftp',
  maxsql: 'maxsql',
  maxsub: 'maxsub',
  maxpark: 'maxpark',
  maxaddon: 'maxaddon',
  maxlst: 'maxlst',
  maxEmailPerHour: 'max_email_per_hour',
  maxDeferFailPercentage: 'max_defer_fail_percentage',
  maxEmailacctQuota: 'max_emailacct_quota',
  maxTeamUsers: 'max_team_users',
  maxPassengerApps: 'maxpassengerapps',
};

/** Zero means no bound in these; elsewhere it means none at all. */
const ZERO_IS_FREE: ReadonlySet<string> = new Set(['quota', 'bwlimit', 'maxEmailPerHour', 'maxEmailacctQuota']);

/** One limit from its text; refuses what is no number. */
export function limitOf(name: string, text: string): Limit {
  if (/^(unlimited|unmetered|null)?$/iu.test(text)) return null;
  if (!/^\d+(\.\d+)?$/u.test(text)) throw new Refusal(`Invalid value “${text}” for the “${name}” setting.`);
  return Math.floor(Number(text));
}

function numeric(params: Params, base: Limits, spelling: (name: string) => readonly string[]): Partial<Limits> {
  const found: [string, Limit][] = [];
  for (const [field, name] of Object.entries(NUMERIC)) {
    const text = params.get(...spelling(name));
    if (text === undefined) continue;
    const value = limitOf(name, text);
    found.push([field, value === 0 && ZERO_IS_FREE.has(field) ? null : value]);
  }
  const team = found.find(([field]) => field === 'maxTeamUsers')?.[1];
  return { ...Object.fromEntries(found), maxTeamUsers: team ?? base.maxTeamUsers };
}

/** The limits that parameters change, over `base`. createacct and editpkg spell them low, addpkg now and then high. */
export function limitsFrom(params: Params, base: Limits): Limits {
  const both = (name: string): readonly string[] => [name, name.toUpperCase()];
  const flag = (name: string, otherwise: boolean): boolean =>
    params.flag(name.toUpperCase(), params.flag(name, otherwise));
  return {
    ...base,
    ...numeric(params, base, both),
    cgi: flag('cgi', base.cgi),
    hasshell: flag('hasshell', base.hasshell),
    ip: flag('ip', base.ip),
    digestauth: flag('digestauth', base.digestauth),
    cpmod: params.get('cpmod', 'CPMOD') ?? base.cpmod,
    language: params.get('language', 'lang', 'LANG') ?? base.language,
    featurelist: params.get('featurelist', 'FEATURELIST') ?? base.featurelist,
  };
}

/** The upper-case spelling of modifyacct; its BWLIMIT is in bytes. */
export function modifiedLimits(params: Params, base: Limits): Limits {
  const upper = numeric(params, base, (name) => [name.toUpperCase()]);
  const bytes = params.get('BWLIMIT');
  const bwlimit = bytes === undefined ? base.bwlimit : toMegabytes(limitOf('BWLIMIT', bytes));
  return {
    ...base,
    ...upper,
    bwlimit,
    cgi: params.flag('HASCGI', base.cgi),
    hasshell: params.flag('HASSHELL', base.hasshell),
    cpmod: params.get('RS', 'CPTHEME') ?? base.cpmod,
    featurelist: params.get('FEATURELIST') ?? base.featurelist,
  };
}

function toMegabytes(bytes: Limit): Limit {
  return bytes === null || bytes === 0 ? null : Math.max(1, Math.round(bytes / 1_048_576));
}

/** 'unlimited' or the number as text. */
export function shown(limit: Limit): string {
  return limit === null ? 'unlimited' : String(limit);
}

/** The upper-case fields of listpkgs. */
export function packageFields(limits: Limits): Readonly<Record<string, unknown>> {
  const letter = (on: boolean): string => (on ? 'y' : 'n');
  return {
    BWLIMIT: shown(limits.bwlimit),
    CGI: letter(limits.cgi),
    CPMOD: limits.cpmod,
    DIGESTAUTH: letter(limits.digestauth),
    FEATURELIST: limits.featurelist,
    HASSHELL: letter(limits.hasshell),
    IP: letter(limits.ip),
    LANG: limits.language,
    MAXADDON: shown(limits.maxaddon),
    MAXFTP: shown(limits.maxftp),
    MAXLST: shown(limits.maxlst),
    MAXPARK: shown(limits.maxpark),
    MAXPASSENGERAPPS: shown(limits.maxPassengerApps),
    MAXPOP: shown(limits.maxpop),
    MAXSQL: shown(limits.maxsql),
    MAXSUB: shown(limits.maxsub),
    MAX_DEFER_FAIL_PERCENTAGE: shown(limits.maxDeferFailPercentage),
    MAX_EMAILACCT_QUOTA: shown(limits.maxEmailacctQuota),
    MAX_EMAIL_PER_HOUR: shown(limits.maxEmailPerHour),
    MAX_TEAM_USERS: limits.maxTeamUsers,
    QUOTA: shown(limits.quota),
    _PACKAGE_EXTENSIONS: '',
  };
}
