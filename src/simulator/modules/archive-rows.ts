/** An account as the files of a cpmove archive, and back. */
import type { Context } from '../handler.ts';
import type { Rows, Table } from '../state.ts';
import type { Account } from '../tables.ts';
import { accounts, domains, resellers, settings } from '../tables.ts';
import { contacts } from './account-contact.ts';
import { crontabs } from './cron.ts';
import { databaseStores, mysqlStore } from './database-store.ts';
import { dkimKeys } from './dkim-keys.ts';
import { ftpAccounts } from './ftp-store.ts';
import { mailFilters } from './mail-filters.ts';
import { autoResponders, defaultAddresses, domainForwarders, forwarders, mailboxes, routings } from './mail-store.ts';
import { mailingLists } from './mailing-lists.ts';
import { spamSettings } from './spam.ts';
import { sslCertificates, sslHosts, sslKeys } from './ssl-store.ts';
import { zones } from './zone-store.ts';

/** Tables whose rows are grouped by their account. */
const owned: readonly Table<unknown>[] = [
  domains,
  contacts,
  crontabs,
  dkimKeys,
  ftpAccounts,
  mailFilters,
  autoResponders,
  defaultAddresses,
  domainForwarders,
  forwarders,
  mailboxes,
  routings,
  mailingLists,
  ...databaseStores.flatMap((store) => [store.mappedDatabases, store.mappedUsers]),
  spamSettings,
  sslCertificates,
  sslHosts,
  sslKeys,
  // Only read as a whole: what a row is does not matter here.
] as unknown as readonly Table<unknown>[];

/** Table → key → row. */
type Kept = Record<string, Record<string, unknown>>;

interface Saved {
  readonly account: Account;
  /** Of the server that it was made on: they are other ones on the next. */
  readonly addresses: readonly string[];
  readonly rows: Kept;
}

/** The member that holds what a simulated server restores from; a real archive has its own files instead. */
export const rowsMember = 'simulated-rows.json';

function keep<T>(kept: Kept, rows: Rows<T>, name: string, keys: readonly string[]): void {
  for (const key of keys) {
    const row = rows.get(key);
    if (row !== undefined) kept[name] = { ...kept[name], [key]: row };
  }
}

function rowsOf(context: Context, account: Account): Kept {
  const { state } = context;
  const kept: Kept = {};
  const { user } = account;
  for (const one of owned) keep(kept, state.of(one), one.name, state.of(one).keysBy(user));
  for (const store of databaseStores) {
    const databases = state.of(store.mappedDatabases).keysBy(user);
    keep(kept, state.of(store.databases), store.databases.name, databases);
    keep(kept, state.of(store.users), store.users.name, state.of(store.mappedUsers).keysBy(user));
    const onThem = databases.flatMap((name) => state.of(store.grants).keysBy(name));
    keep(kept, state.of(store.grants), store.grants.name, onThem);
  }
  keep(kept, state.of(zones), zones.name, state.of(domains).keysBy(user));
  keep(kept, state.of(resellers), resellers.name, [user]);
  return kept;
}

function dump(name: string): string {
  return `-- MySQL dump 10.19  Distrib 10.6.16-MariaDB\n--\n-- Host: localhost    Database: ${name}\n\n-- Dump completed on 2026-01-01 00:00:00\n`;
}

/** What pkgacct puts into the archive: the places are those of a real one. `withDatabases` false: they are forgotten. */
export function membersOf(
  context: Context,
  account: Account,
  withDatabases: boolean,
): Readonly<Record<string, string>> {
  const { state, host } = context;
  const { user } = account;
  const top = `cpmove-${user}`;
  const members: Record<string, string> = {
    [`${top}/version`]: 'pkgacct version: 10\narchive version: 4\n',
    [`${top}/cp/${user}`]: `DNS=${account.domain}\nOWNER=${account.owner}\nPLAN=${account.plan}\nUSER=${user}\n`,
    [`${top}/homedir/public_html/index.html`]: `<title>${account.domain}</title>\n`,
    [`${top}/shadow`]: `${user}:!:1:0:99999:7:::\n`,
    [`${top}/mysql.sql`]: '-- cPanel mysql backup\n',
  };
  for (const { local, domain } of state.of(mailboxes).by(user)) {
    members[`${top}/homedir/mail/${domain}/${local}/maildirfolder`] = '\n';
  }
  for (const key of state.of(dkimKeys).by(user)) members[`${top}/domainkeys/private/${key.domain}`] = key.pem;
  for (const key of state.of(sslKeys).keysBy(user)) {
    members[`${top}/homedir/ssl/keys/${key.replace(/[^A-Za-z0-9_.-]/gu, '_')}.key`] = 'key\n';
  }
  if (withDatabases) {
    for (const name of state.of(mysqlStore.mappedDatabases).keysBy(user))
      members[`${top}/mysql/${name}.sql`] = dump(name);
  }
  const saved: Saved = { account, addresses: host.addresses, rows: rowsOf(context, account) };
  members[`${top}/${rowsMember}`] = JSON.stringify(saved);
  return members;
}

/** This server's addresses instead of the other's, wherever they stand. */
function moved(text: string, from: readonly string[], to: readonly string[]): string {
  return from.reduce((all, address, at) => all.replaceAll(`"${address}"`, `"${to[at] ?? to[0] ?? address}"`), text);
}

/** Puts everything back; the uid is the next of this server. Undefined: the text is no such archive. */
export function putBack(context: Context, text: string): Account | undefined {
  const { state, host } = context;
  // Written by membersOf of some simulated server.
  const before = JSON.parse(text) as Saved;
  const saved = JSON.parse(moved(text, before.addresses, host.addresses)) as Saved;
  const uid = state.next('uid', state.of(settings).get('server')?.uidStart ?? 1000);
  const account: Account = { ...saved.account, uid, gid: uid };
  state.of(accounts).set(account.user, account);
  const all = [
    ...owned,
    ...databaseStores.flatMap((store) => [store.databases, store.users, store.grants]),
    zones,
    resellers,
  ] as unknown as readonly Table<unknown>[];
  for (const one of all) {
    for (const [key, row] of Object.entries(saved.rows[one.name] ?? {})) state.of(one).set(key, row);
  }
  return account;
}
