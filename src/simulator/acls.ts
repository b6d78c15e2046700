/** Which privilege lets a reseller run a WHM function. What is not named here is root's alone ('all'). */
const PRIVILEGES: Readonly<Record<string, string>> = {
  'acct-summary': 'accountsummary acctcounts domainuserdata get_domain_info',
  'add-pkg':
    'addpkg killpkg create_featurelist update_featurelist delete_featurelist read_featurelist get_featurelists get_featurelist_data',
  'basic-system-info': 'gethostname get_public_ip get_shared_ip systemloadavg loadavg version',
  'basic-whm-functions': 'applist batch get_available_applications myprivs personalization_get personalization_set',
  'cpanel-api': 'cpanel',
  'create-acct': 'createacct get_password_strength verify_new_username getminimumpasswordstrengths',
  'create-dns': 'adddns',
  'create-user-session': 'create_user_session get_users_links',
  'edit-account': 'modifyacct massmodifyacct add_override_features_for_user remove_override_features_for_user',
  'edit-dns': 'mass_edit_dns_zone',
  'edit-mx': 'savemxs listmxs',
  'edit-pkg': 'editpkg addpkgext delpkgext',
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
  quota: 'editquota',
  'show-bandwidth': 'showbw',
  status: 'servicestatus',
  'suspend-acct':
    'suspendacct unsuspendacct listsuspended hold_outgoing_email release_outgoing_email suspend_outgoing_email unsuspend_outgoing_email',
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
  'assign-root-account-enhancements',
  'clustering',
  'digest-auth',
  'generate-email-config',
  'news',
  'ns-config',
  'rearrange-accts',
  'resftp',
  'restart',
  'ssl',
  'ssl-buy',
  'ssl-gencrt',
  'ssl-info',
  'stats',
  'track-email',
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
