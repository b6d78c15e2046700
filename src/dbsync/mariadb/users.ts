/** Users and grants of both servers, compared: they do not replicate, so somebody must look. */
import type { Row } from '../model.ts';
import type { Server } from './connect.ts';

/** One account-bound user on one server: what it may do and its password's hash, as one text to compare. */
export interface UserSeen {
  /** 'bob_shop@localhost'; the machine's own names and addresses are written {self} and {peer}. */
  readonly name: string;
  readonly secret: string;
  readonly grants: readonly string[];
}

export type UserDifference =
  | { readonly kind: 'missing'; readonly user: string; readonly on: string }
  | { readonly kind: 'password'; readonly user: string }
  | { readonly kind: 'grants'; readonly user: string };

/** Users that are each server's or panel's own. */
const ownUsers =
  /^(?:|PUBLIC|root|mysql|mariadb\.sys|debian-sys-maint|tandem.*|cpses_.*|cphulkd|eximstats|leechprotect|roundcube|horde|modsec|munin|whmxfer|logaholicDB_.*)$/;

function text(row: Row, name: string): string {
  return row[name] ?? '';
}

/** Both servers call the machine they stand on by its own names; those stand for each other. */
function hostName(host: string, own: readonly string[], peer: readonly string[]): string {
  if (own.includes(host)) return '{self}';
  return peer.includes(host) ? '{peer}' : host;
}

const grantTables = {
  db: ['Db'],
  tables_priv: ['Db', 'Table_name'],
  columns_priv: ['Db', 'Table_name', 'Column_name'],
  procs_priv: ['Db', 'Routine_name', 'Routine_type'],
} as const;

const notPrivileges = new Set(['Host', 'User', 'Grantor', 'Timestamp']);

function grantOf(table: string, row: Row, keys: readonly string[]): string {
  const rights = Object.entries(row)
    .filter(([name, value]) => !notPrivileges.has(name) && !keys.includes(name) && value !== 'N' && value !== '')
    .map(([name, value]) => `${name}=${value}`);
  return `${table} ${keys.map((key) => text(row, key)).join('.')}: ${rights.join(' ')}`;
}

/** All users that belong to accounts. `peerHosts`: names and addresses of the other master's machine. */
export async function readUsers(server: Server, peerHosts: readonly string[]): Promise<readonly UserSeen[]> {
  const name = (row: Row): string =>
    `${text(row, 'User')}@${hostName(text(row, 'Host'), server.side.hosts, peerHosts)}`;
  const users = await server.rows(
    `SELECT User, Host, CONCAT(COALESCE(JSON_VALUE(Priv, '$.plugin'), ''), ' ',
      COALESCE(JSON_VALUE(Priv, '$.authentication_string'), '')) AS secret,
      COALESCE(JSON_VALUE(Priv, '$.access'), 0) AS rights FROM mysql.global_priv`,
  );
  const grants = new Map<string, string[]>();
  for (const [table, keys] of Object.entries(grantTables)) {
    for (const row of await server.rows(`SELECT * FROM mysql.${table}`)) {
      const list = grants.get(name(row)) ?? [];
      grants.set(name(row), [...list, grantOf(table, row, keys)]);
    }
  }
  return users
    .filter((row) => !ownUsers.test(text(row, 'User')))
    .map((row) => ({
      name: name(row),
      secret: text(row, 'secret'),
      grants: [`global ${text(row, 'rights')}`, ...(grants.get(name(row)) ?? []).sort()],
    }));
}

/** What differs, by name. Pure. */
export function compareUsers(
  a: { readonly id: string; readonly users: readonly UserSeen[] },
  b: { readonly id: string; readonly users: readonly UserSeen[] },
): readonly UserDifference[] {
  const [left, right] = [a, b].map((one) => new Map(one.users.map((user) => [user.name, user])));
  const names = [...new Set([...a.users, ...b.users].map((user) => user.name))].sort();
  return names.flatMap((user): UserDifference[] => {
    const [one, other] = [left?.get(user), right?.get(user)];
    if (one === undefined) return [{ kind: 'missing', user, on: a.id }];
    if (other === undefined) return [{ kind: 'missing', user, on: b.id }];
    if (one.secret !== other.secret) return [{ kind: 'password', user }];
    return one.grants.join('\n') === other.grants.join('\n') ? [] : [{ kind: 'grants', user }];
  });
}

/** A sum of all that `readUsers` reads on both; as long as it is the same there is nothing new to compare. */
export async function usersSum(servers: readonly [Server, Server]): Promise<string> {
  const tables = ['global_priv', ...Object.keys(grantTables)].map((table) => `mysql.${table}`).join(', ');
  const sums = await Promise.all(servers.map((server) => server.rows(`CHECKSUM TABLE ${tables}`)));
  return JSON.stringify(sums);
}

/** Reads both and compares. */
export async function differingUsers(servers: readonly [Server, Server]): Promise<readonly UserDifference[]> {
  const [a, b] = servers;
  const [left, right] = await Promise.all([readUsers(a, b.side.hosts), readUsers(b, a.side.hosts)]);
  return compareUsers({ id: a.side.id, users: left }, { id: b.side.id, users: right });
}

/** One sentence for people. */
export function userSentence(one: UserDifference, name: (id: string) => string): string {
  switch (one.kind) {
    case 'missing':
      return `Database user ${one.user} is not on ${name(one.on)}.`;
    case 'password':
      return `Database user ${one.user} has two passwords.`;
    case 'grants':
      return `Database user ${one.user} may do different things on the two masters.`;
  }
}
