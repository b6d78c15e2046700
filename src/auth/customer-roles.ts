/** What each kind of customer may see and change: the one table of the self-service pages. */

/** Collaborators' roles and the two that are not given by invitation. Stored in the journal; never renamed. */
export const customerRoles = ['owner', 'builder', 'read-only', 'billing', 'mailbox'] as const;

export type CustomerRole = (typeof customerRoles)[number];

/** Roles that an owner may give to a collaborator. */
export const invitedRoles = ['owner', 'builder', 'read-only', 'billing'] as const satisfies readonly CustomerRole[];

/** Parts of the self-service. A page belongs to one; 'own' is everybody's own sign-in, 'mailbox' a mailbox user's. */
export const areas = [
  'overview',
  'mail',
  'domains',
  'files',
  'databases',
  'websites',
  'statistics',
  'backups',
  'access',
  'activity',
  'people',
  'own',
  'mailbox',
] as const;

export type Area = (typeof areas)[number];

/** 'change' includes seeing. */
export type Reach = 'none' | 'see' | 'change';

const building: readonly Area[] = ['domains', 'files', 'databases', 'websites', 'statistics', 'backups', 'access'];
const shown: readonly Area[] = ['overview', 'activity'];

const table: Readonly<Record<CustomerRole, Partial<Record<Area, Reach>>>> = {
  owner: reach([...shown, 'mail', ...building, 'people', 'own'], 'change'),
  builder: { ...reach(building, 'change'), ...reach(shown, 'see'), own: 'change' },
  'read-only': { ...reach([...shown, 'mail', ...building], 'see'), own: 'change' },
  billing: { overview: 'see', statistics: 'see', own: 'change' },
  mailbox: { mailbox: 'change', own: 'change' },
};

function reach(list: readonly Area[], how: Reach): Partial<Record<Area, Reach>> {
  return Object.fromEntries(list.map((area) => [area, how]));
}

/** How far a role reaches in an area. */
export function reachOf(role: CustomerRole, area: Area): Reach {
  return table[role][area] ?? 'none';
}

/**
 * Which actions belong to which area, as entries of an acl. An action that stands nowhere here is for the owner alone.
 * Whoever brings a customer's action puts it into its area.
 */
const areaActions: Partial<Record<Area, readonly string[]>> = {
  mail: [
    'mailbox.*',
    'forwarder.*',
    'autoresponder.*',
    'default-address.*',
    'mail-filter.*',
    'mail-routing.*',
    'spam.*',
    'dkim.*',
    'spf.*',
    'dmarc.*',
  ],
  domains: ['domain.*', 'dns.*'],
  databases: ['database.*', 'database-user.*', 'postgres-database.*', 'postgres-user.*'],
  files: ['file.*'],
  websites: ['certificate.*', 'https.*', 'php.*', 'cron.*', 'redirect.*', 'privacy.*', 'privacy-user.*', 'block.*'],
  backups: ['backup.*'],
  access: ['ftp.*'],
};

/** The acl of an actor with this role; undefined: everything that is offered to customers. */
export function aclOf(role: CustomerRole): readonly string[] | undefined {
  if (role === 'owner' || role === 'mailbox') return undefined;
  return areas.flatMap((area) => (reachOf(role, area) === 'change' ? (areaActions[area] ?? []) : []));
}

/** Narrows a stored or typed word to a role that can be given; undefined for anything else. */
export function invitedRoleOf(word: string): CustomerRole | undefined {
  return invitedRoles.find((role) => role === word);
}
