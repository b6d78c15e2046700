/** Which privilege lets a reseller run a WHM function. What is not named here is root's alone ('all'). */
const PRIVILEGES: Readonly<Record<string, string>> = {
  'acct-summary': 'accountsummary acctcounts domainuserdata get_domain_info',
  'add-pkg':
    'addpkg killpkg create_featurelist update_featurelist delete_featurelist read_featurelist get_featurelists get_featurelist_data',
  'assign-root-account-enhancements': 'assign_account_enhancement unassign_account_enhancement',
  'basic-system-info': 'gethostname get_public_ip get_shared_ip systemloadavg loadavg version',
  'basic-whm-functions': 'applist batch get_available_applications myprivs personalization_get personalization_set',
  clustering:
    'add_configclusterserver cluster_member_has_trust_with delete_configclusterserver list_configclusterservers set_nameserver update_configclusterserver',
  'connected-applications':
    'fetch_connected_application list_connected_applications remove_connected_application save_connected_application',
  'cors-proxy-get': 'cors_proxy_get',
  'cpanel-api': 'cpanel',
  'cpanel-integration':
    'create_integration_group create_integration_link get_integration_link_user_config list_integration_groups list_integration_links remove_integration_group remove_integration_link update_integration_link_token',
  'create-acct':
    'createacct get_password_strength verify_new_username getminimumpasswordstrengths twofactorauth_generate_tfa_config twofactorauth_get_issuer twofactorauth_get_user_configs twofactorauth_policy_status twofactorauth_remove_user_config twofactorauth_set_issuer twofactorauth_set_tfa_config',
  'create-dns': 'adddns',
  'create-user-session': 'create_user_session get_users_links',
  'digest-auth': 'has_digest_auth set_digest_auth',
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
  ssl: 'delete_ssl_vhost installssl',
  'ssl-gencrt': 'generatessl',
  'ssl-info': 'fetch_ssl_vhosts fetch_vhost_ssl_components fetchsslinfo listcrts',
  stats: 'installed_versions',
  status: 'servicestatus',
  'suspend-acct':
    'suspendacct unsuspendacct listsuspended hold_outgoing_email release_outgoing_email suspend_outgoing_email unsuspend_outgoing_email',
  'track-email': 'emailtrack_search emailtrack_stats emailtrack_user_stats',
  'upgrade-account': 'changepackage',
};

/** Every privilege that myprivs, listacls and API tokens know. */
export const privileges: readonly string[] = [
  ...Object.keys(PRIVILEGES),
  'add-pkg-ip',
  'add-pkg-shell',
  'all',
  'allow-addoncreate',
  'allow-emaillimits-pkgs',
  'allow-parkedcreate',
  'allow-shell',
  'allow-unlimited-bw-pkgs',
  'allow-unlimited-disk-pkgs',
  'allow-unlimited-pkgs',
  'news',
  'ns-config',
  'rearrange-accts',
  'resftp',
  'ssl-buy',
  'viewglobalpackages',
].sort();

/** Functions that any signed-in caller may run. */
const FREE = new Set(['version', 'applist', 'myprivs', 'batch', 'gethostname', 'getminimumpasswordstrengths']);

const BY_FUNCTION: ReadonlyMap<string, string> = new Map(
  Object.entries(PRIVILEGES).flatMap(([acl, fns]) => fns.split(' ').map((fn) => [fn, acl] as const)),
);

/** The privilege that a function needs; undefined: none. */
export function privilegeFor(fn: string): string | undefined {
  return FREE.has(fn) ? undefined : (BY_FUNCTION.get(fn) ?? 'all');
}
