import type { Args } from '../../whm/call.ts';

/** The UAPI function that does the same, and the arguments whose names changed with it. */
type Successor = readonly [fn: string, names?: Readonly<Record<string, string>>];

/**
 * Changes of API 2 that billing modules make, and what took their place in UAPI; both are in cPanel's reference. What
 * has no successor (ZoneEdit, addon domains, aliases, subdomains) is covered under its own name.
 */
const successors: Readonly<Record<string, Successor>> = {
  'Email::addforward': ['Email::add_forwarder'],
  'Email::addpop': ['Email::add_pop'],
  'Email::delforward': ['Email::delete_forwarder', { email: 'address', emaildest: 'forwarder' }],
  'Email::delpop': ['Email::delete_pop'],
  'Email::editquota': ['Email::edit_pop_quota'],
  'Email::passwdpop': ['Email::passwd_pop'],
  'Email::setalwaysaccept': ['Email::set_always_accept'],
  'Email::setdefaultaddress': ['Email::set_default_address'],
  'Ftp::addftp': ['Ftp::add_ftp'],
  'Ftp::delftp': ['Ftp::delete_ftp'],
  'Ftp::passwd': ['Ftp::passwd'],
  'Ftp::setquota': ['Ftp::set_quota'],
  'MysqlFE::changedbuserpassword': ['Mysql::set_password', { dbuser: 'user' }],
  'MysqlFE::createdb': ['Mysql::create_database', { db: 'name' }],
  'MysqlFE::createdbuser': ['Mysql::create_user', { dbuser: 'name' }],
  'MysqlFE::deletedb': ['Mysql::delete_database', { db: 'name' }],
  'MysqlFE::deletedbuser': ['Mysql::delete_user', { dbuser: 'name' }],
  'MysqlFE::revokedbuserprivileges': ['Mysql::revoke_access_to_database', { db: 'database', dbuser: 'user' }],
  'MysqlFE::setdbuserprivileges': ['Mysql::set_privileges_on_database', { db: 'database', dbuser: 'user' }],
};

/** What of UAPI does what an API 2 function did; undefined: it stands for itself. */
export function uapiFor(fn: string, args: Args): { readonly fn: string; readonly args: Args } | undefined {
  const found = Object.hasOwn(successors, fn) ? successors[fn] : undefined;
  if (found === undefined) return undefined;
  const [successor, names = {}] = found;
  return {
    fn: successor,
    args: args.map(([name, value]) => [Object.hasOwn(names, name) ? (names[name] ?? name) : name, value]),
  };
}
