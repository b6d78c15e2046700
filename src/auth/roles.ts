/** Staff roles, most powerful first. Stored in the journal; never renamed. */
export const roles = ['owner', 'admin', 'support', 'read-only', 'auditor'] as const;

export type Role = (typeof roles)[number];

/** What each role is for, in words that the people page and the command line show. */
export const roleMeanings: Readonly<Record<Role, string>> = {
  owner: 'everything, people included',
  admin: 'every action on the masters',
  support: 'the daily work on accounts; removes nothing',
  'read-only': 'sees everything, changes nothing',
  auditor: 'sees everything and the audit trail, changes nothing',
};

/** Narrows a stored or typed word; undefined for anything else. */
export function roleOf(word: string): Role | undefined {
  return roles.find((role) => role === word);
}
