import type { Again, Treatment } from './model.ts';

/** A rule of ours about one function, stronger than the catalogue; the reason is shown to people. */
export type Override = readonly [treatment: Treatment, why: string];

const line = 'Line numbers and serials belong to one master; the DNS actions work on records instead.';
const zoneKey = "A zone's keys are made once, on the active master, and copied from there.";
const restore = 'A restore on one master would overwrite live data on the other through replication.';
const oneByOne = 'It touches many accounts in one call; ask for one account at a time.';
const tokens = "Clients hold Tandem's own tokens; a master's token would get round it.";
const third = 'It runs on a server that Tandem does not know.';
const sum = 'Both masters carry a part of it, so the parts are added up.';
const log = 'Each master logs what it handled itself, so the entries are joined.';
const dkim = 'A DKIM key is made once, on the active master, and copied from there.';
const address = 'The address is given as its counterpart on each master.';
const mailLogin = "A mailbox's login stands in files that file synchronisation never carries.";
const sslStore = "An account's certificate store is never carried by file synchronisation.";
const buys = 'It spends money, so it must happen once.';
const writes = 'It writes although it looks like a read.';
const rootSecret = "It hands out the master's own credentials.";

/** Our word where the catalogue's would be wrong for a pair of masters. One line each. */
export const overrides: Readonly<Record<string, Override>> = {
  // What is only true when every master was asked.
  accountsummary: ['merge', 'Suspended on any master counts, and disk usage is the larger.'],
  listaccts: ['merge', 'Suspended on any master counts, and disk usage is the larger.'],
  listsuspended: ['merge', 'Suspended on any master counts.'],
  listlockedaccounts: ['merge', 'Locked on any master counts.'],
  list_users: ['merge', 'A name in use on any master is taken.'],
  verify_new_username: ['merge', 'A name in use on any master is taken.'],
  verify_new_username_for_restore: ['merge', 'A name in use on any master is taken.'],
  get_current_users_count: ['merge', 'Licence seats are counted per master; the larger number counts.'],
  get_maximum_users: ['merge', 'Licence seats are counted per master; the smaller number counts.'],
  showbw: ['merge', sum],
  resellerstats: ['merge', sum],
  get_disk_usage: ['merge', 'The larger of the two is true; the other is behind in synchronisation.'],
  version: ['merge', 'The older version is what both can do.'],
  installed_versions: ['merge', 'The older version is what both can do.'],
  emailtrack_search: ['merge', log],
  emailtrack_stats: ['merge', log],
  emailtrack_user_stats: ['merge', log],
  get_unique_recipient_count_per_sender_for_user: ['merge', log],
  get_unique_sender_recipient_count_per_user: ['merge', log],
  fetch_mail_queue: ['merge', 'Each master has its own queue.'],
  'Bandwidth::query': ['merge', sum],
  'Stats::get_bandwidth': ['merge', sum],
  'Email::get_held_message_count': ['merge', 'Each master has its own queue.'],
  // What Tandem answers itself.
  applist: ['tandem', 'The list is of what Tandem serves.'],
  myprivs: ['tandem', "The privileges are those of the caller's own token."],
  api_token_create: ['tandem', tokens],
  api_token_get_details: ['tandem', tokens],
  api_token_list: ['tandem', tokens],
  api_token_revoke: ['tandem', tokens],
  api_token_update: ['tandem', tokens],
  'Tokens::create_full_access': ['tandem', tokens],
  'Tokens::list': ['tandem', tokens],
  'Tokens::rename': ['tandem', tokens],
  'Tokens::revoke': ['tandem', tokens],
  // What holds other calls.
  batch: ['container', 'It is judged by the commands that it holds.'],
  cpanel: ['container', 'It is judged by the cPanel function that it calls.'],
  uapi_cpanel: ['container', 'It is judged by the UAPI function that it calls.'],
  'Batch::strict': ['container', 'It is judged by the commands that it holds.'],
  execute_remote_whmapi1_with_password: ['refused', third],
  // What would hurt the other master.
  accesshash: ['refused', rootSecret],
  get_remote_access_hash: ['refused', third],
  wp_dashboard_create_api_token: ['refused', tokens],
  restoreaccount: ['refused', restore],
  start_local_cpmove_restore: ['refused', restore],
  restore_queue_add_task: ['refused', restore],
  restore_queue_activate: ['refused', restore],
  convert_addon_initiate_conversion: ['refused', 'It moves home, mail and databases that replication is moving too.'],
  massmodifyacct: ['refused', oneByOne],
  terminatereseller: ['refused', oneByOne],
  'CSVImport::doimport': ['refused', oneByOne],
  editzonerecord: ['refused', line],
  removezonerecord: ['refused', line],
  mass_edit_dns_zone: ['refused', line],
  'DNS::mass_edit_zone': ['refused', line],
  // What is made on the account's active master and copied.
  activate_zone_key: ['active', zoneKey],
  add_zone_key: ['active', zoneKey],
  deactivate_zone_key: ['active', zoneKey],
  remove_zone_key: ['active', zoneKey],
  enable_dnssec_for_domains: ['active', zoneKey],
  'DNSSEC::activate_zone_key': ['active', zoneKey],
  'DNSSEC::add_zone_key': ['active', zoneKey],
  'DNSSEC::deactivate_zone_key': ['active', zoneKey],
  'DNSSEC::remove_zone_key': ['active', zoneKey],
  'DNSSEC::enable_dnssec': ['active', zoneKey],
  enable_dkim: ['active', dkim],
  ensure_dkim_keys_exist: ['active', dkim],
  'EmailAuth::enable_dkim': ['active', dkim],
  'EmailAuth::ensure_dkim_keys_exist': ['active', dkim],
  rename_mysql_database: ['active', 'The data follows by database replication.'],
  rename_postgresql_database: ['active', 'It moves data, which is not a setting.'],
  'DynamicDNS::create': ['active', 'Its id and secret address exist on one master only.'],
  'DynamicDNS::delete': ['active', 'Its id and secret address exist on one master only.'],
  'DynamicDNS::recreate': ['active', 'Its id and secret address exist on one master only.'],
  'DynamicDNS::set_description': ['active', 'Its id and secret address exist on one master only.'],
  'DynamicDNS::list': ['read', 'Its id and secret address exist on one master only.'],
  'Mysql::setup_db_and_user': ['active', 'It makes up names and a password, which would differ between masters.'],
  // What every master must be told although the catalogue thinks of one.
  setsiteip: ['fan-out', address],
  setresellerips: ['fan-out', address],
  setresellermainip: ['fan-out', address],
  'Email::delete_pop': ['fan-out', mailLogin],
  'SSL::upload_cert': ['fan-out', sslStore],
  'SSL::upload_key': ['fan-out', sslStore],
  // What must be asked of one master by name.
  'DomainRecommendations::purchase_domain': ['named', buys],
  purchase_a_license: ['named', buys],
  'Email::fts_rescan_mailbox': ['named', 'Each master has its own mail search index.'],
  twofactorauth_generate_tfa_config: ['read', 'It only makes up a secret; nothing is stored.'],
  'TwoFactorAuth::generate_user_configuration': ['read', 'It only makes up a secret; nothing is stored.'],
  cors_proxy_get: ['refused', 'It lets the master fetch any address in the name of the caller.'],
  analyze_transfer_session_remote: ['named', writes],
};

/** Where repeating is judged otherwise than the catalogue's flags say. */
export const repeats: Readonly<Record<string, Again>> = {
  createacct: 'read back',
  // Setting the same password twice leaves the same password.
  passwd: 'safe',
  // Setting the same reason or the same limits twice changes nothing.
  'SSL::toggle_ssl_redirect_for_domains': 'safe',
  'Email::reorder_filters': 'safe',
  reorder_hooks: 'safe',
  'DomainRecommendations::purchase_domain': 'never',
  purchase_a_license: 'never',
  batch: 'never',
  cpanel: 'never',
  uapi_cpanel: 'never',
  'Batch::strict': 'never',
  // Leaving out a key or an index means another thing on the second call.
  add_zone_key: 'read back',
  'DNSSEC::add_zone_key': 'read back',
};
