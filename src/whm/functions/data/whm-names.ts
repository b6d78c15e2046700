/** name | category | kind | required | optional | flags | since; '-' stands for none, a trailing '*' for any ending. */
export const whmNames = `
background_mysql_upgrade_checker_run | databases | local | - | - | async looks-like-read-but-writes | 11.88
background_mysql_upgrade_status | databases | read | upgrade_id | - | - | 11.48
current_mysql_version | databases | read | - | - | server-value-in-answer | 11.48
get_database_optimizations | databases | read | - | - | - | 11.44
installable_mysql_versions | databases | read | - | - | - | 11.48
latest_available_mysql_version | databases | read | - | - | - | 11.48
list_database_users | databases | read | - | - | - | 11.44
list_databases | databases | read | - | - | - | 11.44
list_mysql_databases_and_users | databases | read | user | - | - | 11.56
remote_mysql_create_profile | databases | local | mysql_host mysql_pass mysql_port mysql_user name | cpcloud setup_via | unsafe-retry | 11.52
remote_mysql_create_profile_via_ssh | databases | local | host name port user | cpcloud password root_escalation_method root_password sshkey_name sshkey_passphrase | - | 11.52
remote_mysql_delete_profile | databases | local | name | - | - | 11.52
remote_mysql_initiate_profile_activation | databases | local | name | - | async | 11.52
remote_mysql_monitor_profile_activation | databases | read | - | - | - | 11.52
remote_mysql_read_profile | databases | read | name | - | returns-secret | 11.52
remote_mysql_read_profiles | databases | read | - | - | returns-secret | 11.52
remote_mysql_update_profile | databases | local | name | mysql_host mysql_pass mysql_port mysql_user setup_via | - | 11.52
remote_mysql_validate_profile | databases | read | name | - | outbound | 11.52
rename_mysql_database | databases | fanout | newname oldname | cpuser | unsafe-retry | 11.44
rename_mysql_user | databases | fanout | newname oldname | cpuser | unsafe-retry | 11.44
rename_postgresql_database | databases | fanout | newname oldname | cpuser | unsafe-retry | 11.44
rename_postgresql_user | databases | fanout | newname oldname password | cpuser | unsafe-retry | 11.44
set_local_mysql_root_password | databases | local | password | update_config | - | 11.52
set_mysql_password | databases | fanout | password user | cpuser | - | 11.44
set_postgresql_password | databases | fanout | password user | cpuser | - | 11.44
start_background_mysql_upgrade | databases | local | version | - | async unsafe-retry | 11.48
update_sql_config | databases | local | data | - | - | 11.100
activate_zone_key | dns | fanout | domain key_id | - | server-value-in-params | 11.86
add_zone_key | dns | fanout | algo_num domain key_type | active key_size | generates-secret unsafe-retry | 11.86
adddns | dns | fanout | domain ip | ipv6 template trueowner | server-value-in-params unsafe-retry | 11.28
addzonerecord | dns | fanout | domain type name class | ttl zone address prefix refer hostname subtype flag tag value cname flatten flatten_to dname algorithm digtype keyname cpu os altitude horiz_pre latitude longitude size version vert_pre exchange preference nsdname ptrdname mbox txtdname expire mname refresh retry rname serial priority weight port target txtdata unencoded | server-value-in-params unsafe-retry | 11
cluster_member_has_trust_with | dns | read | host | althost | outbound | 11.84
create_parked_domain_for_user | dns | fanout | domain username web_vhost_domain | - | unsafe-retry | 11.82
create_subdomain | dns | fanout | document_root domain | use_canonical_name | unsafe-retry | 11.86
deactivate_zone_key | dns | fanout | domain key_id | - | server-value-in-params | 11.86
delete_domain | dns | fanout | domain | - | unsafe-retry destructive | 11.86
disable_dnssec_for_domains | dns | fanout | domain | - | destructive | 11.86
dumpzone | dns | read | domain | zone | server-value-in-answer deprecated | 11
editzonerecord | dns | fanout | domain line ttl | name type class lines address prefix refer hostname subtype flag tag value cname flatten flatten_to dname algorithm digtype keyname cpu os altitude horiz_pre latitude longitude size version vert_pre exchange preference nsdname ptrdname mbox txtdname expire mname refresh retry rname serial priority weight port target txtdata unencoded | server-value-in-params unsafe-retry | 11
enable_dnssec_for_domains | dns | fanout | domain | active algo_num key_setup nsec3_iterations nsec3_narrow nsec3_opt_out nsec3_salt use_nsec3 | generates-secret | 11.86
export_zone_dnskey | dns | read | domain key_id | - | - | 11.88
export_zone_files | dns | read | zone | - | server-value-in-answer | 11.96
export_zone_key | dns | read | domain key_id | - | returns-secret | 11.86
fetch_ds_records_for_domains | dns | read | domain | - | - | 11.86
get_nameserver_config | dns | read | - | - | - | 11.56
getzonerecord | dns | read | domain line | - | server-value-in-answer | 11
has_local_authority | dns | read | domain | - | outbound slow | 11.78
import_zone_key | dns | fanout | domain key_data key_type | - | - | 11.86
is_alias_available | dns | read | - | - | - | 11.122
is_https_available | dns | read | - | - | - | 11.122
is_svcb_available | dns | read | - | - | - | 11.122
killdns | dns | fanout | domain | - | unsafe-retry slow destructive | 11
listmxs | dns | read | domain | - | - | 11
listzones | dns | read | - | - | - | 11
lookupnsip | dns | read | host | - | outbound | 11
lookupnsips | dns | read | host | - | outbound | 11.60
mass_edit_dns_zone | dns | fanout | serial zone | add edit remove | server-value-in-params server-value-in-answer unsafe-retry | 11.96
parse_dns_zone | dns | read | zone | - | server-value-in-answer | 11.96
remove_zone_key | dns | fanout | domain key_id | - | server-value-in-params destructive | 11.86
removezonerecord | dns | fanout | line zone | serialnum | server-value-in-params unsafe-retry | 11
resetzone | dns | fanout | - | domain user zone | destructive | 11
resolvedomainname | dns | read | domain | - | outbound | 11.28
savemxs | dns | fanout | domain exchange name preference | class ttl | server-value-in-params unsafe-retry | 11.28
set_nameserver | dns | local | nameserver | - | async | 11.84
set_nsec3_for_domains | dns | fanout | domain nsec3_iterations nsec3_narrow nsec3_opt_out nsec3_salt | - | - | 11.86
set_up_dns_resolver_workarounds | dns | local | - | - | - | 11.84
setresolvers | dns | local | nameserver1 nameserver2 | nameserver3 | - | 11
unset_nsec3_for_domains | dns | fanout | domain | - | - | 11.86
update_nameservers_config | dns | local | - | nameserver nameserver2 nameserver3 nameserver4 | config-parity | 11.76
update_reverse_dns_cache | dns | local | - | - | - | 11.86
updateuserdomains | dns | local | - | - | mass | 11.86
convert_addon_fetch_conversion_details | domain_information | read | job_id | - | - | 11.58
convert_addon_fetch_domain_details | domain_information | read | domain | - | - | 11.56
convert_addon_get_conversion_status | domain_information | read | job_id | - | - | 11.58
convert_addon_initiate_conversion | domain_information | fanout | domain username | copymysqldb-* movemysqldb movemysqluser pkgname | async unsafe-retry | 11.56
convert_addon_list_addon_domains | domain_information | read | - | - | - | 11.56
convert_addon_list_conversions | domain_information | read | - | - | - | 11.58
domainuserdata | domain_information | read | domain | - | server-value-in-answer | 11.32
get_domain_info | domain_information | read | - | - | server-value-in-answer | 11.70
getdomainowner | domain_information | read | domain | - | - | 11.78
cpgreylist_is_server_netblock_trusted | greylisting | read | - | - | - | 11.50
cpgreylist_list_entries_for_common_mail_provider | greylisting | read | provider | - | - | 11.52
cpgreylist_load_common_mail_providers_config | greylisting | read | - | - | - | 11.52
cpgreylist_save_common_mail_providers_config | greylisting | local | - | autotrust_new_common_mail_providers * | config-parity | 11.52
cpgreylist_status | greylisting | read | - | - | - | 11.50
cpgreylist_trust_entries_for_common_mail_provider | greylisting | local | provider | - | config-parity | 11.52
cpgreylist_untrust_entries_for_common_mail_provider | greylisting | local | provider | - | config-parity | 11.52
create_cpgreylist_trusted_host | greylisting | local | ip | comment | config-parity | 11.50
delete_cpgreylist_trusted_host | greylisting | local | ip | - | config-parity | 11.50
disable_cpgreylist | greylisting | local | - | - | config-parity | 11.50
enable_cpgreylist | greylisting | local | - | - | config-parity | 11.50
load_cpgreylist_config | greylisting | read | - | - | - | 11.50
read_cpgreylist_deferred_entries | greylisting | read | - | - | - | 11.50
read_cpgreylist_trusted_hosts | greylisting | read | - | - | - | 11.50
save_cpgreylist_config | greylisting | local | - | child_timeout_secs initial_block_time_mins max_child_procs must_try_time_mins purge_interval_mins record_exp_time_mins spf_bypass | config-parity | 11.50
apply_dmarc | mail | fanout | policy | domain | - | 11.124
block_incoming_email_from_country | mail | fanout | country_code | - | - | 11.84
block_incoming_email_from_domain | mail | fanout | domain | - | - | 11.84
disable_dkim | mail | fanout | domain | - | - | 11.78
disable_mail_sni | mail | local | - | domain | deprecated | 11.48
emailtrack_search | mail | read | - | defer deliverytype failure inprogress max_results_by_type success | slow | 11
emailtrack_stats | mail | read | - | deliverytype enddate endtime nosize nosuccess startdate starttime user | - | 11
emailtrack_user_stats | mail | read | - | deliverytype endtime sender starttime | - | 11
enable_dkim | mail | fanout | domain | - | generates-secret | 11.78
enable_mail_sni | mail | local | domain | - | - | 11.48
ensure_dkim_keys_exist | mail | fanout | domain | - | looks-like-read-but-writes generates-secret | 11.78
exim_configuration_check | mail | local | - | - | looks-like-read-but-writes | 11
expunge_mailbox_messages | mail | dangerous | account mailbox query | - | destructive | 11.58
expunge_messages_for_mailbox_guid | mail | dangerous | account mailbox_guid query | - | server-value-in-params destructive | 11.64
fetch_dkim_private_keys | mail | read | domain | - | returns-secret | 11.78
fetch_mail_queue | mail | read | - | - | slow | 11
generate_mobileconfig | mail | read | account use_ssl | selected_account_services | - | 11.52
get_default_dmarc_record | mail | read | - | - | - | 11.124
get_mailbox_status | mail | read | account | - | - | 11.58
get_mailbox_status_list | mail | read | account | - | - | 11.64
get_unique_recipient_count_per_sender_for_user | mail | read | end_time start_time user | - | - | 11.80
get_unique_sender_recipient_count_per_user | mail | read | end_time start_time | - | - | 11.80
get_user_email_forward_destination | mail | read | user | - | - | 11.52
hold_outgoing_email | mail | fanout | user | - | - | 11.56
install_dkim_private_keys | mail | fanout | domain key | - | - | 11.78
install_spf_records | mail | fanout | domain record | - | server-value-in-params | 11.78
is_sni_supported | mail | read | - | - | - | 11.40
list_blocked_incoming_email_countries | mail | read | - | - | - | 11.84
list_blocked_incoming_email_domains | mail | read | - | - | - | 11.84
list_pops_for | mail | read | user | - | server-value-in-answer | 11.50
mail_sni_status | mail | read | domain | - | - | 11.48
normalize_user_email_configuration | mail | local | username | - | - | 11.88
rebuild_mail_sni_config | mail | local | - | reload_dovecot | - | 11.48
release_outgoing_email | mail | fanout | user | - | - | 11.56
remove_dmarc | mail | fanout | - | domain | - | 11.124
save_spamd_config | mail | local | - | allowedips maxchildren maxconnperchild pidfile timeoutchild timeouttcp | config-parity | 11.44
set_default_dmarc_record | mail | local | - | record | config-parity | 11.124
set_manual_mx_redirects | mail | fanout | domain mx_host | - | server-value-in-params | 11.90
set_user_email_forward_destination | mail | fanout | forward_to user | - | - | 11.52
suspend_outgoing_email | mail | fanout | user | - | - | 11.56
terminate_cpuser_mailbox_sessions | mail | local | username | - | - | 11.90
unblock_incoming_email_from_country | mail | fanout | - | country_code | - | 11.84
unblock_incoming_email_from_domain | mail | fanout | domain | - | - | 11.84
unset_manual_mx_redirects | mail | fanout | domain | - | - | 11.90
unsuspend_outgoing_email | mail | fanout | user | - | - | 11.56
validate_current_dkims | mail | read | domain | - | outbound | 11.78
validate_current_dmarcs | mail | read | - | domain | outbound | 11.124
validate_current_installed_exim_config | mail | read | - | - | - | 11
validate_current_ptrs | mail | read | domain | - | outbound slow | 11.78
validate_current_spfs | mail | read | domain | - | outbound | 11.78
validate_exim_configuration_syntax | mail | read | - | cfg_text section | - | 11
php_get_handlers | php | read | - | version | - | 11.54
php_get_impacted_domains | php | read | domain system_default | - | - | 11.62
php_get_installed_versions | php | read | - | - | - | 11.52
php_get_system_default_version | php | read | - | - | - | 11.52
php_get_vhost_versions | php | read | - | - | - | 11.60
php_get_vhosts_by_version | php | read | version | - | - | 11.62
php_ini_get_content | php | read | version | - | - | 11.52
php_ini_get_directives | php | read | version | - | - | 11.52
php_ini_set_content | php | local | content version | - | config-parity | 11.52
php_ini_set_directives | php | local | directive version | - | config-parity | 11.52
php_set_handler | php | local | handler version | - | config-parity | 11.54
php_set_session_save_path | php | local | - | overwrite path | config-parity | 11.66
php_set_system_default_version | php | local | version | - | config-parity | 11.52
php_set_vhost_versions | php | fanout | version vhost | php_fpm php_fpm_pool_parms | slow | 11.60
convert_all_domains_to_fpm | php_fpm | dangerous | - | - | async mass | 11.66
get_fpm_count_and_utilization | php_fpm | read | - | - | - | 11.66
is_conversion_in_progress | php_fpm | read | - | - | - | 11.72
php_fpm_config_get | php_fpm | read | - | domain | - | 11.78
php_fpm_config_set | php_fpm | fanout | config | domain validate_only | - | 11.78
php_get_default_accounts_to_fpm | php_fpm | read | - | - | - | 11.66
php_get_old_fpm_flag | php_fpm | read | - | - | - | 11.60
php_set_default_accounts_to_fpm | php_fpm | local | default_accounts_to_fpm | - | config-parity | 11.66
php_set_old_fpm_flag | php_fpm | local | - | - | config-parity | 11.60
add_autossl_user_excluded_domains | ssl | fanout | domain username | - | - | 11.66
delete_ssl_vhost | ssl | fanout | host | - | destructive | 11.82
disable_autossl | ssl | local | - | - | config-parity | 11.58
enqueue_deferred_ssl_installations | ssl | fanout | cab crt key username vhost_name | - | async unsafe-retry | 11.88
fetch_service_ssl_components | ssl | read | - | - | returns-secret | 11.40
fetch_ssl_certificates_for_fqdns | ssl | read | domains | - | returns-secret | 11.66
fetch_ssl_vhosts | ssl | read | - | - | - | 11.32
fetch_vhost_ssl_components | ssl | read | - | - | returns-secret | 11.32
fetchcrtinfo | ssl | read | id user | - | - | 11.32
fetchsslinfo | ssl | read | - | crtdata domain | returns-secret | 11.32
generatessl | ssl | local | domains | countryName emailAddress keysize localityName organizationalUnitName organizationName pass skip_certificate stateOrProvinceName | generates-secret returns-secret unsafe-retry | 11.32
get_autossl_check_schedule | ssl | read | - | - | - | 11.58
get_autossl_log | ssl | read | start_time | - | - | 11.58
get_autossl_logs_catalog | ssl | read | - | - | - | 11.58
get_autossl_metadata | ssl | read | - | - | - | 11.60
get_autossl_problems_for_domain | ssl | read | domain | - | - | 11.68
get_autossl_problems_for_user | ssl | read | username | - | - | 11.68
get_autossl_providers | ssl | read | - | - | - | 11.58
get_autossl_user_excluded_domains | ssl | read | username | - | - | 11.66
get_best_ssldomain_for_service | ssl | read | service | - | - | 11.56
install_service_ssl_certificate | ssl | local | crt key service | cabundle | - | 11.40
installssl | ssl | fanout | crt domain key | cab ip | server-value-in-params unsafe-retry slow | 11.32
listcrts | ssl | read | - | registered user | - | 11
rebuildinstalledssldb | ssl | local | - | - | - | 11.36
rebuilduserssldb | ssl | local | - | - | mass | 11.38
remove_autossl_user_excluded_domains | ssl | fanout | domain username | - | - | 11.66
reset_autossl_provider | ssl | local | provider | x_* | - | 11.58
reset_service_ssl_certificate | ssl | local | service | - | generates-secret | 11.40
set_autossl_metadata | ssl | local | metadata_json | - | config-parity | 11.60
set_autossl_metadata_key | ssl | local | key value | - | config-parity | 11.70
set_autossl_provider | ssl | local | provider | x_* | config-parity | 11.58
set_autossl_user_excluded_domains | ssl | fanout | username | domain | - | 11.66
start_autossl_check_for_all_users | ssl | local | - | - | async mass | 11.58
start_autossl_check_for_one_user | ssl | local | username | - | async | 11.58
`;
