/** Roles, most powerful first. Stored in the journal; never renamed. */
export const roles = ['owner', 'admin', 'support', 'read-only', 'auditor', 'reseller'] as const;

export type Role = (typeof roles)[number];

/** What each role is for, in words that the people page and the command line show. */
export const roleMeanings: Readonly<Record<Role, string>> = {
  owner: 'everything, people included',
  admin: 'every action on the masters',
  support: 'the daily work on accounts; removes nothing',
  'read-only': 'sees everything, changes nothing',
  auditor: 'sees everything and the audit trail, changes nothing',
  reseller: 'what a reseller may do, on the accounts and packages it owns',
};

/** What can be allowed. An action asks for `accounts`, `packages`, `resellers` or `server` by its subject. */
export const rights = [
  'accounts',
  'destroy',
  'packages',
  'resellers',
  'server',
  'log-in-as',
  'masters',
  'switchover',
  'see-staff',
  'audit',
  'audit-export',
  'tokens',
  'people',
  'settings',
] as const;

export type Right = (typeof rights)[number];

/** In words, for the people page. */
export const rightMeanings: Readonly<Record<Right, string>> = {
  accounts: 'change accounts, their mail, domains and databases',
  destroy: 'remove what cannot be brought back',
  packages: 'change packages',
  resellers: 'change resellers',
  server: 'change a server’s own settings',
  'log-in-as': 'open a customer’s page as that customer',
  masters: 'resume a parked master, plan maintenance, hold switching',
  switchover: 'move names from one master to the other and back',
  'see-staff': 'see masters, functions and other staff pages',
  audit: 'read the audit trail',
  'audit-export': 'verify and export the audit trail',
  tokens: 'make and revoke tokens',
  people: 'add, change and suspend people',
  settings: 'change the portal’s settings',
};

/**
 * Who may what: the one table. A reseller's rights are bounded further by what it owns, and by what is offered to
 * resellers (`audience` of an action).
 */
const table: Readonly<Record<Role, readonly Right[]>> = {
  owner: rights,
  admin: rights.filter((right) => right !== 'people' && right !== 'settings'),
  support: ['accounts', 'log-in-as', 'see-staff', 'audit'],
  'read-only': ['see-staff', 'audit'],
  auditor: ['see-staff', 'audit', 'audit-export'],
  reseller: ['accounts', 'destroy', 'packages', 'resellers', 'log-in-as'],
};

/** Whether a role has a right. */
export function has(role: Role | undefined, right: Right): boolean {
  return role !== undefined && table[role].includes(right);
}

/** Narrows a stored or typed word; undefined for anything else. */
export function roleOf(word: string): Role | undefined {
  return roles.find((role) => role === word);
}
