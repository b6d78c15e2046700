/** Privileges as WHM names them, and the functions that each is for. Data of the public privilege chart. */
const functionsOf: Readonly<Record<string, string>> = {
  'acct-summary': 'accountsummary acctcounts domainuserdata get_domain_info',
  'add-pkg':
    'addpkg killpkg create_featurelist update_featurelist delete_featurelist read_featurelist get_featurelists get_featurelist_data',
  'assign-root-account-enhancements': 'assign_account_enhancement unassign_account_enhancement',
  'basic-system-info': 'gethostname get_public_ip get_shared_ip systemloadavg loadavg version',
  'basic-whm-functions': 'applist batch get_available_applications myprivs personalization_get personalization_set',
  'connected-applications':
    'fetch_connected_application list_connected_applications save_connected_application remove_connected_application',
  'cpanel-api': 'cpanel',
  'cpanel-integration':
    'create_integration_group create_integration_link list_integration_groups list_integration_links remove_integration_group remove_integration_link update_integration_link_token get_integration_link_user_config',
  'create-acct': 'createacct get_password_strength verify_new_username getminimumpasswordstrengths',
  'create-dns': 'adddns',
  'create-user-session': 'create_user_session get_users_links',
  'digest-auth': 'set_digest_auth has_digest_auth',
  'edit-account': 'modifyacct massmodifyacct add_override_features_for_user remove_override_features_for_user',
  'edit-dns': 'mass_edit_dns_zone',
  'edit-mx': 'savemxs listmxs',
  'edit-pkg': 'editpkg addpkgext delpkgext',
  'generate-email-config': 'generate_mobileconfig',
  'kill-acct': 'removeacct',
  'kill-dns': 'killdns',
  'limit-bandwidth': 'limitbw',
  'list-accts':
    'get_current_users_count get_disk_usage getdomainowner get_maximum_users listaccts list_users uapi_cpanel',
  'list-pkgs': 'get_feature_metadata get_feature_names getpkginfo listpkgs matchpkgs',
  'manage-api-tokens': 'api_token_create api_token_get_details api_token_list api_token_revoke api_token_update',
  'manage-dns-records':
    'addzonerecord dumpzone editzonerecord getzonerecord listzones parse_dns_zone removezonerecord resetzone export_zone_files has_local_authority',
  'mysql-info': 'current_mysql_version',
  'park-dns': 'create_parked_domain_for_user create_subdomain delete_domain',
  passwd: 'passwd forcepasswordchange',
  'public-contact': 'get_public_contact set_public_contact',
  quota: 'editquota',
  restart: 'restartservice',
  'show-bandwidth': 'showbw',
  ssl: 'installssl',
  'ssl-gencrt': 'generatessl',
  'ssl-info': 'fetchsslinfo',
  stats: 'installed_versions',
  status: 'servicestatus',
  'suspend-acct':
    'suspendacct unsuspendacct listsuspended hold_outgoing_email release_outgoing_email suspend_outgoing_email unsuspend_outgoing_email',
  'track-email': 'emailtrack_search emailtrack_stats emailtrack_user_stats',
  'upgrade-account': 'changepackage',
};

/** What a reseller's package may hold, and the few names that stand for no function here. */
const others = [
  'add-pkg-ip',
  'add-pkg-shell',
  'allow-addoncreate',
  'allow-emaillimits-pkgs',
  'allow-parkedcreate',
  'allow-shell',
  'allow-unlimited-bw-pkgs',
  'allow-unlimited-disk-pkgs',
  'allow-unlimited-pkgs',
  'clustering',
  'manage-oidc',
  'manage-styles',
  'news',
  'ns-config',
  'rearrange-accts',
  'resftp',
  'ssl-buy',
  'viewglobalpackages',
];

const byFunction: ReadonlyMap<string, string> = new Map(
  Object.entries(functionsOf).flatMap(([acl, names]) => names.split(' ').map((name) => [name, acl] as const)),
);

/** Every privilege by its WHM name, without `all`. */
export const whmAcls: readonly string[] = [...Object.keys(functionsOf), ...others].sort();

const known: ReadonlySet<string> = new Set(whmAcls);

export function isWhmAcl(name: string): boolean {
  return known.has(name);
}

/** Functions that every signed-in caller may run. */
const free: ReadonlySet<string> = new Set(['version', 'applist', 'myprivs', 'batch', 'gethostname']);

/** The privilege that a WHM function needs; undefined: none. What no privilege names is for `all` only. */
export function whmAclOf(fn: string): string | undefined {
  return free.has(fn) ? undefined : (byFunction.get(fn) ?? 'all');
}
