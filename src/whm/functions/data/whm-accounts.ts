/** name | category | kind | required | optional | flags | since; '-' stands for none, a trailing '*' for any ending. */
export const whmAccounts = `
createacct | account_creation | fanout | username | account_enhancements bwlimit cgi contactemail cpmod customip dkim dmarc domain featurelist forcedns frontpage gid hasshell hasuseregns homedir ip language mail_node_alias mailbox_format max_defer_fail_percentage max_email_per_hour max_emailacct_quota max_team_users maxaddon maxftp maxlst maxpark maxpop maxsql maxsub mxcheck owner ownerself pass password pkgname plan quota reseller reseller_without_domain savepkg showpass spamassassin spambox spf uid useregns | server-value-in-params server-value-in-answer generates-secret returns-secret unsafe-retry slow | 11.32
get_current_users_count | account_creation | read | - | - | - | 11.78
get_maximum_users | account_creation | read | - | - | - | 11.78
verify_new_username | account_creation | read | user | - | - | 11.58
assign_account_enhancement | account_enhancements | fanout | account name | - | - | 11.98
create_account_enhancement | account_enhancements | fanout | id name | - | unsafe-retry | 11.98
delete_account_enhancement | account_enhancements | fanout | name | - | destructive | 11.98
list_account_enhancements | account_enhancements | read | - | - | - | 11.98
modify_account_enhancement | account_enhancements | fanout | name | id | - | 11.98
unassign_account_enhancement | account_enhancements | fanout | account name | - | - | 11.98
get_homedir_roots | account_management | read | - | - | server-value-in-answer | 11.88
list_users | account_management | read | - | - | - | 11
removeacct | account_management | fanout | username | keepdns user | unsafe-retry slow destructive | 11
set_primary_domain_docroot | account_management | fanout | docroot username | - | - | 11
restore_modules_summary | account_restoration | read | - | - | - | 11.50
restore_queue_activate | account_restoration | local | - | - | async | 11.38
restore_queue_add_task | account_restoration | local | restore_point user | destid give_ip mail_config mysql subdomains | async server-value-in-params unsafe-retry | 11.38
restore_queue_clear_all_completed_tasks | account_restoration | local | - | - | - | 11.38
restore_queue_clear_all_failed_tasks | account_restoration | local | - | - | - | 11.38
restore_queue_clear_all_pending_tasks | account_restoration | local | - | - | - | 11.38
restore_queue_clear_all_tasks | account_restoration | dangerous | - | - | - | 11.38
restore_queue_clear_completed_task | account_restoration | local | start_time user | - | - | 11.38
restore_queue_clear_pending_task | account_restoration | local | user | - | - | 11.38
restore_queue_is_active | account_restoration | read | - | - | - | 11.38
restore_queue_list_active | account_restoration | read | - | - | - | 11.38
restore_queue_list_completed | account_restoration | read | - | - | - | 11.38
restore_queue_list_pending | account_restoration | read | - | - | - | 11.38
restore_queue_state | account_restoration | read | - | - | - | 11.38
restoreaccount | account_restoration | local | type user | all ip mail mysql subs | server-value-in-params unsafe-retry slow destructive | 11.28
verify_new_username_for_restore | account_restoration | read | user | - | - | 11.58
accountsummary | accounts | read | - | domain search searchmethod searchtype user | server-value-in-answer | 11.32
get_upgrade_opportunities | accounts | read | - | disk_threshold_blocks nearness_fraction | - | 11
has_digest_auth | accounts | read | user | - | - | 11.34
has_mycnf_for_cpuser | accounts | read | user | - | - | 11.40
listaccts | accounts | read | - | search searchmethod searchtype want | server-value-in-answer | 11
massmodifyacct | accounts | dangerous | user | BACKUP BWLIMIT CONTACTEMAIL DBOWNER DISK_BLOCK_LIMIT HASCGI HASDKIM HASDMARC HASSHELL HASSPF LANG LOCALE MAILBOX_FORMAT MAX_DEFER_FAIL_PERCENTAGE MAX_EMAIL_PER_HOUR MAX_EMAILACCT_QUOTA MAXADDON MAXFTP MAXLST MAXPARK MAXPASSENGERAPPS MAXPOP MAXSQL MAXSUB modify_firewall MXCHECK-* notify_account_authn_link notify_account_authn_link_notification_disabled notify_autossl_expiry notify_autossl_expiry_coverage notify_autossl_renewal notify_autossl_renewal_coverage notify_contact_address_change notify_contact_address_change_notification_disabled notify_disk_limit notify_password_change notify_password_change_notification_disabled notify_ssl_expiry OUTGOING_EMAIL_SUSPENDED OWNER PUSHBULLET_ACCESS_TOKEN QUOTA remove_missing_extensions rename_database_objects reseller RS shell spamassassin STARTDATE STYLE | unsafe-retry slow mass | 11.88
modifyacct | accounts | fanout | user | account_enhancements BACKUP BWLIMIT contactemail DBOWNER DISK_BLOCK_LIMIT DNS domain HASCGI HASDKIM HASDMARC HASSHELL HASSPF LANG LOCALE mail_node_alias MAILBOX_FORMAT MAX_DEFER_FAIL_PERCENTAGE MAX_EMAIL_PER_HOUR MAX_EMAILACCT_QUOTA max_team_users MAXADDON MAXFTP MAXLST MAXPARK MAXPASSENGERAPPS MAXPOP MAXSQL MAXSUB modify_firewall MXCHECK-* newuser notify_account_authn_link notify_account_authn_link_notification_disabled notify_autossl_expiry notify_autossl_expiry_coverage notify_autossl_renewal notify_autossl_renewal_coverage notify_contact_address_change notify_contact_address_change_notification_disabled notify_disk_limit notify_password_change notify_password_change_notification_disabled notify_ssl_expiry OUTGOING_EMAIL_SUSPENDED owner PUSHBULLET_ACCESS_TOKEN QUOTA remove_missing_extensions rename_database_objects reseller RS shell spamassassin STARTDATE STYLE update_existing_email_account_quotas | server-value-in-params server-value-in-answer unsafe-retry slow | 11
myprivs | accounts | read | - | - | - | 11
set_digest_auth | accounts | fanout | enabledigest password user | digestauth | - | 11
untrack_acct_id | accounts | local | - | check_exists check_quota gid protect_system uid | server-value-in-params | 11.58
batch | api_execution | fanout | command | abort_on_error | unsafe-retry container | 11
cors_proxy_get | api_execution | read | url | - | outbound | 11.68
cpanel | api_execution | fanout | cpanel_jsonapi_func cpanel_jsonapi_module cpanel_jsonapi_user | cpanel_jsonapi_apiversion * | unsafe-retry container | 11.84
execute_remote_whmapi1_with_password | api_execution | dangerous | function host parameter_name parameter_value password username | tls_verification | outbound container | 11.90
uapi_cpanel | api_execution | fanout | cpanel.function cpanel.module cpanel.user | * | unsafe-retry container | 11.86
applist | applications | read | - | - | - | 11
api_token_create | authentication | session | token_name | acl expires_at whitelist_ip | server-value-in-answer generates-secret returns-secret unsafe-retry | 11.64
api_token_get_details | authentication | read | token | - | - | 11.98
api_token_list | authentication | read | - | - | - | 11.64
api_token_revoke | authentication | local | token_name | - | - | 11.64
api_token_update | authentication | local | token_name | acl expires_at new_name whitelist_ip | unsafe-retry | 11.68
disable_authentication_provider | authentication | local | provider_id service_name | - | config-parity | 11.54
disable_failing_authentication_providers | authentication | local | - | - | - | 11.54
enable_authentication_provider | authentication | local | provider_id service_name | - | config-parity | 11.54
get_available_authentication_providers | authentication | read | - | - | - | 11.54
get_login_url | authentication | read | provider url_after_login | - | - | 11.62
get_provider_client_configurations | authentication | read | provider_id service_name | - | - | 11.54
get_provider_configuration_fields | authentication | read | provider_id service_name | - | - | 11.54
get_provider_display_configurations | authentication | read | provider_id | - | - | 58.0.12
get_users_authn_linked_accounts | authentication | read | - | - | - | 11.54
link_user_authn_provider | authentication | fanout | preferred_username provider_id subject_unique_identifier username | - | - | 11.56
set_provider_client_configurations | authentication | local | configurations provider_id service_name | - | config-parity | 11.54
set_provider_display_configurations | authentication | local | configurations provider_id service_name | - | config-parity | 11.54
twofactorauth_disable_policy | authentication | local | - | - | config-parity | 11.54
twofactorauth_enable_policy | authentication | local | - | - | config-parity | 11.54
twofactorauth_generate_tfa_config | authentication | read | - | - | generates-secret returns-secret | 11.54
twofactorauth_get_issuer | authentication | read | - | - | - | 11.54
twofactorauth_get_tfa_config_for_user | authentication | read | user | - | returns-secret | 11.118
twofactorauth_get_user_configs | authentication | read | - | user | - | 11.54
twofactorauth_policy_status | authentication | read | - | - | - | 11.54
twofactorauth_remove_user_config | authentication | fanout | user | - | - | 11.54
twofactorauth_set_issuer | authentication | local | issuer | - | config-parity | 11.54
twofactorauth_set_tfa_config | authentication | fanout | secret tfa_token | - | - | 11.54
twofactorauth_set_tfa_config_for_user | authentication | fanout | user secret tfa_token | - | - | 11.118
unlink_user_authn_provider | authentication | fanout | provider_id subject_unique_identifier username | - | - | 11.54
validate_login_token | authentication | session | login_token provider url_after_login | - | looks-like-read-but-writes returns-secret | 11.62
wp_dashboard_create_api_token | authentication | session | acl token_name | expires_at whitelist_ip | generates-secret returns-secret unsafe-retry | 11.64
editquota | bandwidth_and_disk_quotas | fanout | quota user | - | - | 11
get_disk_usage | bandwidth_and_disk_quotas | read | - | cache_mode | server-value-in-answer slow | 11.80
limitbw | bandwidth_and_disk_quotas | fanout | user | bwlimit | - | 11
quota_enabled | bandwidth_and_disk_quotas | read | - | - | - | 11
showbw | bandwidth_and_disk_quotas | read | - | month search searchtype showres year | server-value-in-answer | 11
create_integration_group | integration | fanout | group_id label order user | - | unsafe-retry | 11.54
create_integration_link | integration | fanout | app implements label subscriber_unique_id token user | autologin_token_url base64_png_image group_id hide order url | generates-secret unsafe-retry | 11.54
get_integration_link_user_config | integration | read | app user | - | returns-secret | 11.54
list_integration_groups | integration | read | user | - | - | 11.54
list_integration_links | integration | read | user | - | returns-secret | 11.54
remove_integration_group | integration | fanout | group_id user | - | - | 11.54
remove_integration_link | integration | fanout | app user | - | - | 11.54
update_integration_link_token | integration | fanout | app token user | - | generates-secret | 11.54
_getpkgextensionform | packages | read | pkg | - | - | 11.40
add_override_features_for_user | packages | fanout | features user | - | - | 11.56
addpkg | packages | fanout | name | _PACKAGE_EXTENSIONS bwlimit cgi cpmod digestauth featurelist frontpage hasshell ip language MAX_DEFER_FAIL_PERCENTAGE MAX_EMAIL_PER_HOUR max_emailacct_quota max_team_users maxaddon maxftp maxlst maxpark maxpop maxsql maxsub quota | unsafe-retry | 11
addpkgext | packages | fanout | _PACKAGE_EXTENSIONS name | - | - | 11.68
changepackage | packages | fanout | pkg user | - | slow | 11
create_featurelist | packages | fanout | featurelist | featurelistname overwrite | unsafe-retry | 11.46
delete_featurelist | packages | fanout | featurelist | - | mass destructive | 11
delpkgext | packages | fanout | _DELETE_EXTENSIONS name | - | - | 11.68
editpkg | packages | fanout | name | _PACKAGE_EXTENSIONS bwlimit cgi cpmod digestauth featurelist frontpage hasshell ip language max_defer_fail_percentage max_email_per_hour max_emailacct_quota max_team_users maxaddon maxftp maxlst maxpark maxpop maxsql maxsub quota | slow mass | 11
get_available_applications | packages | read | - | applications_list file | - | 11.76
get_available_featurelists | packages | read | - | - | deprecated | 11.0
get_feature_metadata | packages | read | - | - | - | 11
get_feature_names | packages | read | - | - | - | 11
get_featurelist_data | packages | read | featurelist | - | - | 11
get_featurelists | packages | read | - | - | - | 11.52
get_featurelists_by_package_types | packages | read | - | - | - | 11
get_users_features_settings | packages | read | user | feature | - | 11.58
getpkginfo | packages | read | pkg | - | - | 11
killpkg | packages | fanout | pkgname | - | unsafe-retry destructive | 11
listpkgs | packages | read | - | want | - | 11
manage_features | packages | local | action | features | - | 11.32
matchpkgs | packages | read | - | _PACKAGE_EXTENSIONS BWLIMIT CGI CPMOD DIGESTAUTH FEATURELIST HASSHELL IP LANG MAX_DEFER_FAIL_PERCENTAGE MAX_EMAIL_PER_HOUR MAX_EMAILACCT_QUOTA MAX_TEAM_USERS MAXADDON MAXFTP MAXLST MAXPARK MAXPOP MAXSQL MAXSUB QUOTA | - | 11
read_featurelist | packages | read | featurelist | - | deprecated | 11.0
remove_override_features_for_user | packages | fanout | features user | - | - | 11.56
update_featurelist | packages | fanout | featurelist | * | mass | 11
verify_user_has_feature | packages | read | feature user | - | - | 11.56
forcepasswordchange | passwords | fanout | users_json | stop_on_failure | mass | 11.32
get_password_strength | passwords | read | password | - | - | 11
passwd | passwords | fanout | password user | db_pass_update digestauth enabledigest | unsafe-retry slow | 11
acctcounts | resellers | read | - | user | - | 11
get_public_contact | resellers | read | - | - | - | 11.68
getresellerips | resellers | read | - | user | server-value-in-answer | 11
list_enhancement_limits | resellers | read | account | - | - | 11.98
listacls | resellers | read | - | - | - | 11
listresellers | resellers | read | - | - | - | 11
resellerstats | resellers | read | user | filter_deleted filter_suspended month year | server-value-in-answer | 11
saveacllist | resellers | fanout | acllist | acl-acct-summary acl-add-pkg acl-add-pkg-ip acl-add-pkg-shell acl-all acl-allow-addoncreate acl-allow-emaillimits-pkgs acl-allow-parkedcreate acl-allow-shell acl-allow-unlimited-bw-pkgs acl-allow-unlimited-disk-pkgs acl-allow-unlimited-pkgs acl-basic-system-info acl-basic-whm-functions acl-clustering acl-cors-proxy-get acl-cpanel-api acl-cpanel-integration acl-create-acct acl-create-dns acl-create-user-session acl-demo-setup acl-digest-auth acl-edit-account acl-edit-dns acl-edit-mx acl-edit-pkg acl-generate-email-config acl-kill-acct acl-kill-dns acl-limit-bandwidth acl-list-accts acl-list-pkgs acl-locale-edit acl-mailcheck acl-manage-api-tokens acl-manage-dns-records acl-manage-oidc acl-manage-styles acl-mysql-info acl-news acl-ns-config acl-park-dns acl-passwd acl-quota acl-rearrange-accts acl-resftp acl-restart acl-show-bandwidth acl-ssl acl-ssl-buy acl-ssl-gencrt acl-ssl-info acl-stats acl-status acl-suspend-acct acl-thirdparty acl-track-email acl-upgrade-account acl-viewglobalpackages | - | 11
set_enhancement_limit | resellers | fanout | account id limited | limit | - | 11.98
set_public_contact | resellers | fanout | - | name url | - | 11.68
setacls | resellers | fanout | reseller | acl-acct-summary acl-add-pkg acl-add-pkg-ip acl-add-pkg-shell acl-all acl-allow-addoncreate acl-allow-parkedcreate acl-allow-unlimited-bw-pkgs acl-allow-unlimited-disk-pkgs acl-allow-unlimited-pkgs acl-basic-system-info acl-basic-whm-functions acl-clustering acl-cors-proxy-get acl-cpanel-api acl-cpanel-integration acl-create-acct acl-create-dns acl-create-user-session acl-demo-setup acl-digest-auth acl-disallow-shell acl-edit-account acl-edit-dns acl-edit-mx acl-edit-pkg acl-generate-email-config acl-kill-acct acl-kill-dns acl-limit-bandwidth acl-list-accts acl-list-pkgs acl-locale-edit acl-mailcheck acl-manage-api-tokens acl-manage-dns-records acl-manage-oidc acl-manage-styles acl-mysql-info acl-nameserver-config acl-news acl-park-dns acl-passwd acl-quota acl-rearrange-accts acl-resftp acl-restart acl-show-bandwidth acl-ssl acl-ssl-buy acl-ssl-gencrt acl-ssl-info acl-stats acl-status acl-suspend-acct acl-thirdparty acl-track-email acl-upgrade-account acl-viewglobalpackages acllist user | - | 11
setresellerips | resellers | local | user | delegate ips | server-value-in-params | 11
setresellerlimits | resellers | fanout | user | account_limit bandwidth_limit diskspace_limit enable_account_limit enable_overselling enable_overselling_bandwidth enable_overselling_diskspace enable_package_limit_numbers enable_package_limits enable_resource_limits | - | 11
setresellermainip | resellers | local | ip user | - | server-value-in-params | 11
setresellernameservers | resellers | fanout | user | nameservers | - | 11
setresellerpackagelimit | resellers | fanout | user | allowed no_limit number package | - | 11
setupreseller | resellers | fanout | user | makeowner | - | 11
suspendreseller | resellers | fanout | user | disallow reason reseller-only | slow mass | 11
terminatereseller | resellers | dangerous | terminatereseller user | - | unsafe-retry slow mass destructive | 11
unsetupreseller | resellers | fanout | user | - | destructive | 11
unsuspendreseller | resellers | fanout | user | reseller-only | slow mass | 11
listlockedaccounts | suspensions | read | - | - | - | 11.40
listsuspended | suspensions | read | - | - | - | 11
suspendacct | suspensions | fanout | user | disallowun leave-ftp-accts-enabled reason | slow | 11
unsuspendacct | suspensions | fanout | user | retain-service-proxies | slow | 11
abort_transfer_session | transfers | local | transfer_session_id | - | - | 11.44
analyze_transfer_session_remote | transfers | local | transfer_session_id | - | looks-like-read-but-writes outbound slow | 11.44
available_transfer_modules | transfers | read | - | - | - | 11.44
create_remote_root_transfer_session | transfers | local | comm_transport compressed copy_reseller_privs enable_custom_pkgacct host low_priority restore_threads transfer_threads unencrypted unrestricted_restore use_backups user | password port root_escalation_method root_password sshkey_name sshkey_passphrase | outbound unsafe-retry slow | 11.44
create_remote_user_transfer_session | transfers | local | host password unrestricted_restore | - | outbound unsafe-retry | 11.44
delete_account_archives | transfers | local | user | mountpoint | server-value-in-params destructive | 11.70
enqueue_transfer_item | transfers | local | - | - | async unsafe-retry | 11.44
fetch_transfer_session_log | transfers | read | logfile transfer_session_id | - | - | 11.44
get_transfer_session_state | transfers | read | transfer_session_id | - | - | 11.44
pause_transfer_session | transfers | local | transfer_session_id | - | - | 11.44
remote_basic_credential_check | transfers | read | host user | password port root_escalation_method root_password sshkey_name sshkey_passphrase | outbound | 11.44
retrieve_transfer_session_remote_analysis | transfers | read | transfer_session_id | - | - | 11.44
start_transfer_session | transfers | local | transfer_session_id | - | async unsafe-retry | 11.44
transfer_module_schema | transfers | read | module | - | - | 11.44
validate_system_user | transfers | read | user | - | - | 11.44
`;
