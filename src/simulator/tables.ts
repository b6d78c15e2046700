/** The tables that more than one module reads. Each module declares its own further ones beside its handlers. */
import { table } from './state.ts';

/** Limits are whole numbers; null is "unlimited". */
export type Limit = number | null;

/** Limits and switches that a package gives and createacct or modifyacct may override. Disk and mail quotas in MB, bandwidth in MB. */
export interface Limits {
  readonly quota: Limit;
  readonly bwlimit: Limit;
  readonly maxpop: Limit;
  readonly maxftp: Limit;
  readonly maxsql: Limit;
  readonly maxsub: Limit;
  readonly maxpark: Limit;
  readonly maxaddon: Limit;
  readonly maxlst: Limit;
  readonly maxEmailPerHour: Limit;
  readonly maxDeferFailPercentage: Limit;
  readonly maxEmailacctQuota: Limit;
  readonly maxTeamUsers: number;
  readonly maxPassengerApps: Limit;
  readonly cgi: boolean;
  readonly hasshell: boolean;
  readonly ip: boolean;
  readonly digestauth: boolean;
  readonly cpmod: string;
  readonly language: string;
  readonly featurelist: string;
}

export interface Account {
  readonly user: string;
  /** Main domain, lower case. */
  readonly domain: string;
  /** 'root' or a reseller (which may be the account itself). */
  readonly owner: string;
  readonly plan: string;
  readonly email: string;
  readonly ip: string;
  readonly dedicated: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly homedir: string;
  /** Clear text: the simulator has to let people sign in and tests compare. */
  readonly password: string;
  readonly limits: Limits;
  readonly shell: string;
  readonly locale: string;
  readonly mailboxFormat: string;
  /** Seconds since 1970. */
  readonly startdate: number;
  readonly suspended: boolean;
  readonly suspendReason: string;
  readonly suspendTime: number | null;
  readonly suspendedBy: string;
  readonly locked: boolean;
  readonly spf: boolean;
  readonly dkim: boolean;
  /** Left out: no. */
  readonly dmarc?: boolean;
  readonly backup: boolean;
  readonly outgoingHold: boolean;
  readonly outgoingSuspended: boolean;
  readonly temporary: boolean;
  readonly enhancements: readonly string[];
}

export interface Package {
  /** With the reseller's prefix. */
  readonly name: string;
  readonly owner: string;
  readonly limits: Limits;
}

/** Feature → enabled. What is left out is enabled. */
export interface FeatureList {
  readonly name: string;
  readonly owner: string;
  readonly features: Readonly<Record<string, boolean>>;
}

export interface Reseller {
  readonly user: string;
  readonly acls: readonly string[];
  readonly acllist: string | null;
  readonly mainIp: string | null;
  readonly nameservers: readonly string[];
  readonly limits: ResellerLimits;
  /** Packages that may be used, with how many accounts of each; null: no bound. */
  readonly packageLimits: Readonly<Record<string, { readonly allowed: boolean; readonly number: Limit }>> | null;
}

export interface ResellerLimits {
  readonly enabledAccountLimit: boolean;
  readonly accountLimit: Limit;
  readonly enabledResourceLimits: boolean;
  readonly diskMb: Limit;
  readonly bandwidthMb: Limit;
  readonly overselling: { readonly disk: boolean; readonly bandwidth: boolean };
  readonly enabledPackageLimits: boolean;
}

/** One domain of an account: 'main', 'addon', 'parked' (alias) or 'sub'. Key: the domain. */
export interface Domain {
  readonly domain: string;
  readonly user: string;
  readonly type: 'main' | 'addon' | 'parked' | 'sub';
  /** For 'addon' its sub-domain, for 'parked' the domain it stands for, for 'sub' the root domain, for 'main' itself. */
  readonly parent: string;
  readonly docroot: string;
}

export interface ApiToken {
  /** 'root' or a reseller; for 'cpanel' tokens the account. */
  readonly user: string;
  readonly name: string;
  readonly token: string;
  readonly service: 'whm' | 'cpanel';
  /** Empty: all of the user's rights. */
  readonly acls: readonly string[];
  readonly createTime: number;
  readonly expiresAt: number | null;
  readonly whitelistIps: readonly string[];
}

export interface Session {
  readonly cookie: string;
  /** '/cpsess1234567890'. */
  readonly token: string;
  readonly user: string;
  readonly service: 'whostmgrd' | 'cpaneld' | 'webmaild';
  /** Milliseconds. */
  readonly lastUsed: number;
  /** Made by create_user_session and not opened yet: its one-time key. */
  readonly pending: string | null;
  readonly address: string | null;
}

/** What belongs to the server and can be changed by a call or a test; one row, key 'server'. */
export interface Settings {
  readonly hostname: string;
  readonly rootPassword: string;
  /** Licence seats; null: no bound. */
  readonly seats: number | null;
  /** 0 to 100: what passwords have to reach. */
  readonly minimumStrength: number;
  readonly nameservers: readonly string[];
  /** The first uid that is given out. */
  readonly uidStart: number;
  /** Addresses that can be given to an account alone. */
  readonly dedicated: readonly string[];
}

export const accounts = table<Account>('accounts', { group: (a) => a.owner });
export const packages = table<Package>('packages', { group: (p) => p.owner });
export const featureLists = table<FeatureList>('featureLists');
export const resellers = table<Reseller>('resellers');
export const domains = table<Domain>('domains', { group: (d) => d.user });
/** Key: 'service/user/name'. */
export const tokens = table<ApiToken>('tokens', { group: (t) => t.user });
/** Key: the cookie's value. */
export const sessions = table<Session>('sessions', { silent: true, group: (s) => s.user });
export const settings = table<Settings>('settings');
