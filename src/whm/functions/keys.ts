import type { Row } from './rows.ts';

/** Functions whose `user` or `username` is not a cPanel account of ours: a remote login, or a database user. */
const strangers = new Set([
  'add_configclusterserver',
  'update_configclusterserver',
  'create_remote_root_transfer_session',
  'remote_basic_credential_check',
  'remote_mysql_create_profile_via_ssh',
  'get_server_node_status',
  'link_server_node_with_api_token',
  'update_linked_server_node',
  'get_remote_access_hash',
  'execute_remote_whmapi1_with_password',
  'backup_destination_add',
  'backup_destination_set',
]);

const otherAccounts: Readonly<Record<string, string>> = {
  set_mysql_password: 'cpuser',
  set_postgresql_password: 'cpuser',
  assign_account_enhancement: 'account',
  unassign_account_enhancement: 'account',
  set_enhancement_limit: 'account',
  list_enhancement_limits: 'account',
  setacls: 'reseller',
  terminatereseller: 'user',
};

/** Keys that no rule below would find. */
const special: Readonly<Record<string, readonly string[]>> = {
  createacct: ['account:{username}', 'domain:{domain}', '~package:{plan}', '~reseller:{owner}'],
  modifyacct: ['account:{user}', 'account:{newuser}', 'domain:{domain}', 'domain:{DNS}', '~reseller:{owner}'],
  removeacct: ['account:{username}', 'account:{user}'],
  changepackage: ['account:{user}', '~package:{pkg}'],
  addpkg: ['package:{name}', '~featurelist:{featurelist}'],
  editpkg: ['package:{name}', '~featurelist:{featurelist}'],
  addpkgext: ['package:{name}'],
  delpkgext: ['package:{name}'],
  killpkg: ['package:{pkgname}'],
  getpkginfo: ['~package:{pkg}'],
  _getpkgextensionform: ['~package:{pkg}'],
  create_featurelist: ['featurelist:{featurelist}'],
  update_featurelist: ['featurelist:{featurelist}'],
  delete_featurelist: ['featurelist:{featurelist}'],
  get_featurelist_data: ['~featurelist:{featurelist}'],
  read_featurelist: ['~featurelist:{featurelist}'],
  setacls: ['reseller:{reseller}', 'account:{reseller}'],
  setresellerpackagelimit: ['reseller:{user}', 'account:{user}', '~package:{package}'],
  delete_ssl_vhost: ['domain:{host}'],
  savemxs: ['domain:{domain}'],
  set_digest_auth: ['account:{user}'],
  'Batch::strict': ['account:{cpanel.user}'],
};

const domainNames = ['domain', 'zone', 'vhost', 'vhost_name'] as const;
const accountNames = ['cpanel.user', 'cpanel_jsonapi_user', 'username', 'user', 'cpuser'] as const;

/** The parameter that names the cPanel account, if one does. UAPI calls always name one. */
export function accountOf(row: Row): string | undefined {
  if (row.api === 'uapi') return 'cpanel.user';
  const other = otherAccounts[row.name];
  if (other !== undefined) return other;
  if (strangers.has(row.name)) return undefined;
  return accountNames.find((name) => row.required.includes(name) || row.optional.includes(name));
}

/**
 * Key templates of a function; [] when what it touches is unknown. A read only shares what it looks at. A template
 * whose parameter is not given falls away, and when none is left the keys are unknown too.
 */
export function keysOf(row: Row): readonly string[] {
  if (row.api === 'uapi') return [sharedIfRead(row, 'account:{cpanel.user}')];
  const known = special[row.name];
  if (known !== undefined) return known;
  if (row.flags.has('mass')) return [];
  const account = accountOf(row);
  const keys = account === undefined ? [] : [`account:{${account}}`];
  if (row.category === 'resellers' && account !== undefined) keys.unshift(`reseller:{${account}}`);
  for (const name of domainNames) {
    if (row.required.includes(name) || row.optional.includes(name)) keys.push(`domain:{${name}}`);
  }
  return keys.map((key) => sharedIfRead(row, key));
}

function sharedIfRead(row: Row, key: string): string {
  return row.kind === 'read' || row.kind === 'session' ? `~${key}` : key;
}
