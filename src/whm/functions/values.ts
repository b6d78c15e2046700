import type { Row } from './rows.ts';

/** Parameters that hold an address of the master, or text with such addresses in it. */
const addresses: Readonly<Record<string, readonly string[]>> = {
  adddns: ['ip', 'ipv6'],
  addips: ['ips'],
  delip: ['ip'],
  addzonerecord: ['address'],
  editzonerecord: ['address'],
  mass_edit_dns_zone: ['add', 'edit'],
  createacct: ['customip'],
  installssl: ['ip'],
  install_spf_records: ['record'],
  ipv6_enable_account: ['range'],
  ipv6_range_add: ['range'],
  nat_checkip: ['ip'],
  nat_set_public_ip: ['local_ip', 'public_ip'],
  savemxs: ['exchange'],
  set_manual_mx_redirects: ['mx_host'],
  setresellerips: ['ips'],
  setresellermainip: ['ip'],
  setsiteip: ['ip'],
  set_service_proxy_backends: ['general', 'service_group_backend'],
  'DNS::mass_edit_zone': ['add', 'edit'],
  'DNS::swap_ip_in_zones': ['dest_ip', 'ftp_ip', 'source_ip'],
  'Email::set_manual_mx_redirects': ['mx_host'],
  'EmailAuth::install_spf_records': ['record'],
  'ServiceProxy::set_service_proxy_backends': ['general', 'service_group_backend'],
};

/** Names that are secret wherever they occur. */
export const secretNames: ReadonlySet<string> = new Set([
  'password',
  'pass',
  'passwd',
  'newpass',
  'oldpass',
  'passphrase',
  'key_passphrase',
  'sshkey_passphrase',
  'root_password',
  'mysql_pass',
  'source_password',
  'password_hash',
  'pass_hash',
  'client_secret',
  'secret',
  'token',
  'tfa_token',
  'api_token',
  'access_token',
  'login_token',
  'promptToken',
  'cp_security_token',
  'key_data',
  'privatekey',
  'application_key',
  'pushbullet_access_token',
  'envvar_value',
  'sshkey',
]);

/** Secret parameters whose name is harmless elsewhere. */
const secretParameters: Readonly<Record<string, readonly string[]>> = {
  add_configclusterserver: ['key'],
  update_configclusterserver: ['key'],
  importsshkey: ['key'],
  install_dkim_private_keys: ['key'],
  install_service_ssl_certificate: ['key'],
  installssl: ['key'],
  enqueue_deferred_ssl_installations: ['key'],
  save_connected_application: ['data'],
  set_provider_client_configurations: ['configurations'],
  ticket_validate_oauth2_code: ['code'],
  ticket_grant: ['secure_id'],
  '360Monitoring/webpros_auth_callback': ['json'],
  'EmailAuth::install_dkim_private_keys': ['key'],
  'SSL::install_ssl': ['key'],
  'SSL::upload_key': ['key'],
  'SiteQuality::verify_code': ['code'],
  'WebApp::configure': ['env'],
};

/** Secret fields of an answer, where they are known by name; 'data' stands for all of it. */
const secretAnswers: Readonly<Record<string, readonly string[]>> = {
  createacct: ['raw'],
  create_user_session: ['url', 'cp_security_token', 'session'],
  api_token_create: ['token'],
  wp_dashboard_create_api_token: ['token'],
  'Tokens::create_full_access': ['token'],
  'Mysql::setup_db_and_user': ['database_password', 'password'],
};

function declared(row: Row): readonly string[] {
  return [...row.required, ...row.optional];
}

/** Parameters of a function that hold an address of the master. */
export function addressesOf(row: Row): readonly string[] {
  return addresses[row.name] ?? [];
}

/**
 * Parameters and answer fields that are secret. What returns a secret in a field that nobody named is secret as a
 * whole ('data'): better hide too much.
 */
export function secretsOf(row: Row): readonly string[] {
  const parameters = declared(row).filter((name) => secretNames.has(name));
  const returned = row.flags.has('returns-secret') ? (secretAnswers[row.name] ?? ['data']) : [];
  return [...new Set([...parameters, ...(secretParameters[row.name] ?? []), ...returned])];
}
