/** name | category | kind | required | optional | flags | since; '-' stands for none, a trailing '*' for any ending. */
export const whmProtection = `
backup_config_get | backups | read | - | - | - | 11.38
backup_config_set | backups | local | - | backup_daily_enable backup_daily_retention backup_monthly_dates backup_monthly_enable backup_monthly_retention backup_weekly_day backup_weekly_enable backup_weekly_retention backupaccts backupbwdata backupdays backupdir backupenable backupfiles backuplogs backupmount backupsuspendedaccts backuptype check_min_free_space disable_metadata errorthreshhold force_prune_daily force_prune_monthly force_prune_weekly gziprsyncopts keeplocal linkdest localzonesonly maximum_restore_timeout maximum_timeout min_free_space min_free_space_unit mysqlbackup postbackup prebackup psqlbackup remote_restore_staging_dir | config-parity | 11.38
backup_date_list | backups | read | - | - | - | 11.38
backup_destination_add | backups | local | application_key application_key_id authtype aws_access_key_id bucket bucket_id bucket_name client_id client_secret disabled host name password script type username | folder mount no_mount_fail only_used_for_logs passive passphrase path port privatekey ssl timeout upload_system_backup | unsafe-retry | 11.38
backup_destination_delete | backups | local | id | - | destructive | 11.38
backup_destination_get | backups | read | id | - | returns-secret | 11.38
backup_destination_list | backups | read | - | - | returns-secret | 11.38
backup_destination_set | backups | local | id | name type disabled application_key application_key_id authtype aws_access_key_id bucket bucket_id bucket_name client_id client_secret host password script username folder mount no_mount_fail only_used_for_logs passive passphrase path port privatekey ssl timeout upload_system_backup | - | 11.38
backup_destination_validate | backups | local | disableonfail id | - | looks-like-read-but-writes outbound | 11.38
backup_does_client_id_have_google_credentials | backups | read | client_id | - | - | 11.68
backup_generate_google_oauth_uri | backups | read | client_id client_secret | - | - | 11.68
backup_get_transport_status | backups | read | - | state transport_id | - | 11.78
backup_list_transported | backups | read | - | transport | - | 11.76
backup_set_list | backups | read | - | - | - | 11.38
backup_set_list_combined | backups | read | - | - | - | 11.80
backup_skip_users_all | backups | dangerous | backupversion state | - | mass | 11.38
backup_skip_users_all_status | backups | read | - | - | - | 11.38
backup_user_list | backups | read | restore_point | - | - | 11.38
convert_and_migrate_from_legacy_config | backups | local | - | no_convert | slow | 11.64
fetch_pkgacct_master_log | backups | read | session_id | - | - | 11.88
get_pkgacct_session_state | backups | read | session_id | - | - | 11.88
get_users_and_domains_with_backup_metadata | backups | read | - | - | - | 11.74
get_users_with_backup_metadata | backups | read | - | - | - | 11.70
list_cparchive_files | backups | read | - | - | - | 11.42
start_background_pkgacct | backups | local | user | compressionsetting incremental low_priority mysqlver serialized_output skipacctdb skipapitokens skipauthnlinks skipbwdata skipdnssec skipdnszones skipftpusers skiphomedir skiplinkednodes skiplogs skipresellerconfig skipshell skipvhosttemplates split tarroot use_backups | async server-value-in-answer unsafe-retry | 11.54
start_local_cpmove_restore | backups | local | cpmovepath | dedicated_ip delete_archive mail_location overwrite restricted update_a_records username | async server-value-in-params unsafe-retry destructive | 11.88
toggle_user_backup_state | backups | local | user | legacy | - | 11.38
batch_create_cphulk_records | cphulk | local | list_name records | skip_enabled_check | config-parity | 11.48
cphulk_status | cphulk | read | - | - | - | 11.48
create_cphulk_record | cphulk | local | ip list_name | comment skip_enabled_check | config-parity | 11.48
delete_cphulk_record | cphulk | local | ip list_name | skip_enabled_check | config-parity | 11.48
disable_cphulk | cphulk | local | - | - | config-parity | 11.48
enable_cphulk | cphulk | local | - | - | config-parity | 11.48
flush_cphulk_login_history | cphulk | local | - | - | destructive | 11.48
flush_cphulk_login_history_for_ips | cphulk | local | ip | - | - | 11.50
get_countries_with_known_ip_ranges | cphulk | read | - | - | - | 11.70
get_cphulk_brutes | cphulk | read | - | - | - | 11.48
get_cphulk_excessive_brutes | cphulk | read | - | - | - | 11.48
get_cphulk_failed_logins | cphulk | read | - | - | - | 11.48
get_cphulk_user_brutes | cphulk | read | - | - | - | 11.48
load_cphulk_config | cphulk | read | - | - | - | 11.48
read_cphulk_records | cphulk | read | list_name | skip_enabled_check | - | 11.48
save_cphulk_config | cphulk | local | - | block_brute_force_with_firewall block_excessive_brute_force_with_firewall brute_force_period_mins command_to_run_on_brute_force command_to_run_on_excessive_brute_force ip_based_protection ip_brute_force_period_mins lookback_period_min mark_as_brute max_failures max_failures_byip notify_on_brute notify_on_root_login notify_on_root_login_for_known_netblock skip_enabled_check username_based_protection username_based_protection_for_root username_based_protection_local_origin | config-parity | 11.48
set_cphulk_config_key | cphulk | local | key value | - | config-parity | 11.70
addips | ip_addresses | local | ips netmask | excludes | server-value-in-params unsafe-retry | 11
delip | ip_addresses | local | ip | ethernetdev skipifshutdown | server-value-in-params destructive | 11
get_public_ip | ip_addresses | read | ip | - | server-value-in-answer | 11.62
get_shared_ip | ip_addresses | read | - | user | server-value-in-answer | 11.62
ipv6_disable_account | ip_addresses | local | user | - | - | 11.40
ipv6_enable_account | ip_addresses | local | range user | - | server-value-in-params | 11.40
ipv6_range_add | ip_addresses | local | name range | enabled note | server-value-in-params unsafe-retry | 11.40
ipv6_range_edit | ip_addresses | local | name | new_name note | server-value-in-params | 11.40
ipv6_range_list | ip_addresses | read | - | - | - | 11.40
ipv6_range_remove | ip_addresses | local | name | - | server-value-in-params | 11.40
ipv6_range_usage | ip_addresses | read | name | - | - | 11.40
listips | ip_addresses | read | - | - | server-value-in-answer | 11
listipv6s | ip_addresses | read | - | - | server-value-in-answer | 11
nat_checkip | ip_addresses | local | ip | - | looks-like-read-but-writes server-value-in-params | 11.40
nat_set_public_ip | ip_addresses | local | local_ip public_ip | - | server-value-in-params | 11.40
setsiteip | ip_addresses | local | ip | domain user | server-value-in-params slow | 11
modsec_add_rule | modsecurity | local | config rule | - | unsafe-retry config-parity | 11.46
modsec_add_vendor | modsecurity | local | url | enabled | outbound unsafe-retry config-parity | 11.46
modsec_assemble_config_text | modsecurity | local | config | deploy final init text | looks-like-read-but-writes config-parity | 11.48
modsec_batch_settings | modsecurity | local | setting_id state | remove | config-parity | 11.46
modsec_check_rule | modsecurity | read | rule | - | - | 11.46
modsec_clone_rule | modsecurity | local | config id | - | unsafe-retry config-parity | 11.48
modsec_deploy_all_rule_changes | modsecurity | local | - | - | config-parity | 11.48
modsec_deploy_rule_changes | modsecurity | local | config | - | config-parity | 11.46
modsec_deploy_settings_changes | modsecurity | local | - | - | config-parity | 11.48
modsec_disable_rule | modsecurity | local | config id | - | config-parity | 11.46
modsec_disable_vendor | modsecurity | local | vendor_id | - | config-parity | 11.48
modsec_disable_vendor_configs | modsecurity | local | vendor_id | - | config-parity | 11.48
modsec_disable_vendor_updates | modsecurity | local | vendor_id | - | config-parity | 11.48
modsec_discard_all_rule_changes | modsecurity | local | - | - | - | 11.48
modsec_discard_rule_changes | modsecurity | local | config | - | - | 11.46
modsec_edit_rule | modsecurity | local | config id rule | - | config-parity | 11.46
modsec_enable_vendor | modsecurity | local | vendor_id | - | config-parity | 11.48
modsec_enable_vendor_configs | modsecurity | local | vendor_id | - | config-parity | 11.48
modsec_enable_vendor_updates | modsecurity | local | vendor_id | - | config-parity | 11.48
modsec_get_config_text | modsecurity | read | config | - | - | 11.46
modsec_get_configs | modsecurity | read | - | - | - | 11.48
modsec_get_configs_with_changes_pending | modsecurity | read | - | - | - | 11.46
modsec_get_log | modsecurity | read | - | - | - | 11.46
modsec_get_rules | modsecurity | read | - | config exclude_bare_comments exclude_other_directives vendor_id | - | 11.48
modsec_get_settings | modsecurity | read | - | - | - | 11.46
modsec_get_vendors | modsecurity | read | - | - | - | 11.46
modsec_is_installed | modsecurity | read | - | - | - | 11.46
modsec_make_config_active | modsecurity | local | config | - | config-parity | 11.46
modsec_make_config_inactive | modsecurity | local | config | - | config-parity | 11.46
modsec_preview_vendor | modsecurity | read | url | - | outbound | 11.48
modsec_remove_rule | modsecurity | local | config id | - | config-parity | 11.46
modsec_remove_setting | modsecurity | local | setting_id | - | config-parity | 11.46
modsec_remove_vendor | modsecurity | local | vendor_id | - | destructive config-parity | 11.48
modsec_report_rule | modsecurity | local | email message row_ids send type | - | looks-like-read-but-writes outbound | 11.48
modsec_set_config_text | modsecurity | local | config text | - | config-parity | 11.46
modsec_set_setting | modsecurity | local | setting_id state | - | config-parity | 11.46
modsec_undisable_rule | modsecurity | local | config id | - | config-parity | 11.46
modsec_update_vendor | modsecurity | local | url | - | outbound config-parity | 11.48
fetch_security_advice | security | read | - | - | - | 11.80
getminimumpasswordstrengths | security | read | - | name | - | 11.82
setminimumpasswordstrengths | security | local | - | createacct default ftp list mysql passwd postgres sshkey virtual | config-parity | 11
accesshash | ssh_keys_and_connections | local | generate user | - | looks-like-read-but-writes generates-secret returns-secret unsafe-retry deprecated | 11
authorizesshkey | ssh_keys_and_connections | local | authorize file text | options | - | 11
check_remote_ssh_connection | ssh_keys_and_connections | read | host | port | outbound | 11
convertopensshtoputty | ssh_keys_and_connections | local | file | keep_file passphrase | - | 11.32
deletesshkey | ssh_keys_and_connections | local | file | leave_authorized | destructive | 11
generatesshkeypair | ssh_keys_and_connections | local | - | abort_on_existing_key algorithm bits comment name passphrase | generates-secret unsafe-retry | 11.32
importsshkey | ssh_keys_and_connections | local | key name | extract_private extract_public passphrase | - | 11
listsshkeys | ssh_keys_and_connections | read | - | files private private_texts public public_texts sync_authorized | - | 11
ticket_create_stub_ticket | support_tickets | local | - | - | unsafe-retry | 11.60
ticket_get_support_agreement | support_tickets | read | - | - | - | 11.60
ticket_get_support_info | support_tickets | read | - | - | - | 78.0.6
ticket_grant | support_tickets | local | secure_id server_num ticket_id | ssh_username | generates-secret | 11.44
ticket_list | support_tickets | read | server_num ticket_id | ssh_username | - | 11.44
ticket_remove_closed | support_tickets | local | - | - | - | 11.44
ticket_revoke | support_tickets | local | server_num ssh_username ticket_id | - | - | 11.44
ticket_ssh_test | support_tickets | local | server_num ticket_id | - | looks-like-read-but-writes | 11.44
ticket_ssh_test_start | support_tickets | local | server_num ticket_id | - | looks-like-read-but-writes | 11.60
ticket_update_service_agreement_approval | support_tickets | local | version | - | - | 11.60
ticket_validate_oauth2_code | support_tickets | local | code redirect_uri | - | looks-like-read-but-writes | 11.60
ticket_whitelist_check | support_tickets | read | - | - | - | 11.44
ticket_whitelist_setup | support_tickets | local | - | - | - | 11.44
ticket_whitelist_unsetup | support_tickets | local | - | - | - | 11.44
allow_all_whm_root_access | whm_access | local | - | - | - | 11.108
restrict_whm_root_access | whm_access | dangerous | cidr | - | - | 11.108
`;
