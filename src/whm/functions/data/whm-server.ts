/** name | category | kind | required | optional | flags | since; '-' stands for none, a trailing '*' for any ending. */
export const whmServer = `
360Monitoring/register_server_with_360_monitoring | 360_monitoring | local | - | - | - | 11.132
360Monitoring/set_360_agent_polling | 360_monitoring | local | - | global_sections interval max_data_span plugin_sections | - | 11.132
360Monitoring/webpros_auth_callback | 360_monitoring | session | json | - | - | 11.138
360Monitoring/webpros_auth_clear | 360_monitoring | local | - | - | - | 11.138
360Monitoring/webpros_auth_start | 360_monitoring | session | - | session_id | - | 11.138
360Monitoring/webpros_auth_status | 360_monitoring | read | - | - | - | 11.138
360Monitoring/webpros_auth_token | 360_monitoring | read | - | - | returns-secret | 11.138
get_tweaksetting | configurations | read | key | module | - | 11
set_tweaksetting | configurations | local | key | module value | config-parity | 11
participate_in_analytics | cpanel_analytics | local | enabled | - | - | 11.78
delete_customizations | customizations | local | application theme | path | config-parity | 11.100
retrieve_customizations | customizations | read | application theme | - | - | 11.100
update_customizations | customizations | local | application data theme | - | config-parity | 11.100
ea4_get_additional_pkg_prefixes | easyapache | read | - | - | - | 11.116
ea4_get_currently_installed_packages | easyapache | read | - | - | - | 11.62
ea4_list_profiles | easyapache | read | - | - | - | 11.52
ea4_metainfo | easyapache | read | - | - | - | 11.80
ea4_recommendations | easyapache | read | - | - | slow | 11.64
ea4_save_profile | easyapache | local | filename name pkg | desc overwrite tag version | config-parity | 11.64
eol_php_sites | easyapache | read | - | - | - | 11.136
get_in_product_survey_url | inproductsurvey | read | - | - | - | 11.86
ea4_get_ea_pkgs_state | legacy | read | - | - | - | -
ea4_migration | legacy | local | - | - | - | -
ea4_pre_migrate_check | legacy | read | - | - | - | -
generate_cpanel_plugin | legacy | local | - | - | - | -
get_autossl_pending_queue | legacy | read | - | - | - | -
get_autossl_pending_queue_for_domain | legacy | read | - | - | - | -
get_autossl_pending_queue_for_user | legacy | read | - | - | - | -
getfeaturelist | legacy | read | - | - | - | -
getlongtermsupport | legacy | read | - | - | - | -
list_styles | legacy | read | - | - | - | -
load_style | legacy | read | - | - | - | -
loadavg | legacy | read | - | - | - | -
nvget | legacy | read | - | - | - | -
nvset | legacy | local | - | - | - | -
remove_logo | legacy | local | - | - | - | -
remove_style | legacy | local | - | - | - | -
save_style | legacy | local | - | - | - | -
set_default | legacy | local | - | - | - | -
verify_aim_access | legacy | local | - | - | - | -
verify_icq_access | legacy | local | - | - | - | -
verify_oscar_access | legacy | local | - | - | - | -
disable_market_provider | market | local | name | - | config-parity | 11.56
enable_market_provider | market | local | name | - | config-parity | 11.56
get_adjusted_market_providers_products | market | read | - | - | - | 11.56
get_market_providers_commission_config | market | read | - | - | - | 11.56
get_market_providers_list | market | read | - | - | - | 11.56
get_market_providers_product_metadata | market | read | - | - | - | 11.56
get_market_providers_products | market | read | - | - | - | 11.56
set_market_product_attribute | market | local | attribute product_id provider value | - | config-parity | 11.56
set_market_provider_commission_id | market | local | commission_id provider | - | config-parity | 11.56
nginxmanager_clear_cache | nginx_manager | local | - | user | - | 11
nginxmanager_get_cache_config_system | nginx_manager | read | - | merge | - | 11
nginxmanager_get_cache_config_users | nginx_manager | read | - | merge user | - | 11
nginxmanager_rebuild_cache_config | nginx_manager | local | - | user | - | 11
nginxmanager_reset_users_cache_config | nginx_manager | local | - | user | - | 11
nginxmanager_set_cache_config | nginx_manager | local | enabled | user | config-parity | 11
EcosystemFeatures/is_ready | plugin_based_features | read | plugin | namespace | - | 11.132
EcosystemFeatures/local_disable | plugin_based_features | local | plugin | namespace | - | 11.118
EcosystemFeatures/local_enable | plugin_based_features | local | plugin | namespace | - | 11.118
delete_rpm_version | rpm | local | key section value | - | - | 11.32
edit_rpm_version | rpm | local | key section value | - | - | 11.32
get_rpm_version_data | rpm | read | section | key | - | 11.32
install_rpm_plugin | rpm | local | name | - | - | 11.64
list_rpms | rpm | read | - | target | - | 11.32
package_manager_fixcache | rpm | local | - | - | slow | 11.64
package_manager_get_build_log | rpm | read | build offset | - | - | 11.52
package_manager_get_package_info | rpm | read | ns package | disable-excludes | - | 11.52
package_manager_is_performing_actions | rpm | read | build | - | - | 11.52
package_manager_list_packages | rpm | read | - | state | - | 11.52
package_manager_resolve_actions | rpm | read | package | ns | slow | 11.52
package_manager_submit_actions | rpm | local | - | install uninstall upgrade | async | 11.52
package_manager_upgrade | rpm | local | - | - | async | 11.54
uninstall_rpm_plugin | rpm | local | name | - | - | 11.64
delete_hook | script_hooks | local | id | - | config-parity | 11.32
edit_hook | script_hooks | local | id | check enabled escalateprivs exectype hook notes rollback stage weight | unsafe-retry config-parity | 11.32
list_hooks | script_hooks | read | - | - | - | 11.32
reorder_hooks | script_hooks | local | ids | - | unsafe-retry config-parity | 11.32
add_configclusterserver | server_administration | local | key name user | - | outbound | 11.44
configurebackgroundprocesskiller | server_administration | local | processes_to_kill | trusted_users | - | 11
configureservice | server_administration | local | service | enabled exim-altportnum monitored | - | 11.38
create_user_session | server_administration | session | service user | app cp_security_token locale preferred_domain promptToken | server-value-in-answer generates-secret returns-secret unsafe-retry | 11.40
delete_configclusterserver | server_administration | local | name | - | - | 11.44
enable_monitor_all_enabled_services | server_administration | local | - | - | - | 11.52.0.8
fetch_connected_application | server_administration | read | name | - | - | 11.98
force_dedistribution_from_node | server_administration | dangerous | node_alias user | - | destructive | 11.94
get_all_contact_importances | server_administration | read | - | - | - | 11.58
get_api_calls | server_administration | read | - | type | - | 11.86
get_api_pages | server_administration | read | - | type | - | 11.86
get_appconfig_application_list | server_administration | read | - | - | - | 11.38.1
get_application_contact_event_importance | server_administration | read | app event | - | - | 11.58
get_application_contact_importance | server_administration | read | app | - | - | 11.58
get_available_profiles | server_administration | read | - | - | - | 11.76
get_current_profile | server_administration | read | - | - | - | 11.76
get_linked_server_node | server_administration | read | alias | - | - | 11.86
get_remote_access_hash | server_administration | local | host password username | generate | looks-like-read-but-writes outbound returns-secret deprecated | 11
get_server_node_status | server_administration | read | api_token hostname username | skip_tls_verification | - | 11.86
get_service_config | server_administration | read | service | - | - | 11.58
get_service_config_key | server_administration | read | key service | - | - | 11.58
get_tcp4_sockets | server_administration | read | - | - | - | 11.80
get_tcp6_sockets | server_administration | read | - | - | - | 11.80
get_udp4_sockets | server_administration | read | - | - | - | 11.80
get_udp6_sockets | server_administration | read | - | - | - | 11.80
get_update_availability | server_administration | read | - | - | outbound | 11.56
getdiskusage | server_administration | read | - | - | server-value-in-answer | 11.32
gethostname | server_administration | read | - | - | server-value-in-answer | 11
is_role_enabled | server_administration | read | role | - | - | 11.76
link_server_node_with_api_token | server_administration | local | alias api_token hostname username | skip_tls_verification | outbound server-value-in-params unsafe-retry | 11.86
list_configclusterservers | server_administration | read | - | - | - | 11.44
list_connected_applications | server_administration | read | - | - | - | 11.98
list_linked_server_nodes | server_administration | read | - | - | - | 11.86
list_user_child_nodes | server_administration | read | - | - | - | 11.88
personalization_get | server_administration | read | - | names store | - | 11.74
personalization_set | server_administration | local | personalization | store | config-parity | 11.74
purchase_a_license | server_administration | read | login_token provider url_after_checkout | upgrade | - | 11.62
reboot | server_administration | dangerous | - | force | async unsafe-retry | 11
remove_connected_application | server_administration | local | name | - | - | 11.98
remove_in_progress_exim_config_edit | server_administration | local | - | - | - | 11
restartservice | server_administration | local | service | queue_task | async unsafe-retry slow | 11.38
restore_config_from_file | server_administration | local | module path | - | - | 11.74
restore_config_from_upload | server_administration | local | file module | - | - | 11.74
run_cpkeyclt | server_administration | local | - | - | looks-like-read-but-writes | 11.62
save_connected_application | server_administration | local | - | name data | - | 11.98
send_test_posturl | server_administration | local | url | - | outbound | 11.52
send_test_pushbullet_note | server_administration | local | access_token | - | outbound | 11.52
servicestatus | server_administration | read | - | service | server-value-in-answer | 11.38
set_application_contact_event_importance | server_administration | local | app event importance | - | config-parity | 11.58
set_application_contact_importance | server_administration | local | app importance | - | config-parity | 11.58
set_primary_servername | server_administration | local | servername | type | server-value-in-params | 11
set_service_config_key | server_administration | local | key service value | - | config-parity | 11.58
sethostname | server_administration | local | hostname | - | server-value-in-params | 11
start_cpanel_update | server_administration | local | - | mode | async unsafe-retry | 11.94
start_profile_activation | server_administration | dangerous | code | * | async | 11.76
system_needs_reboot | server_administration | read | - | - | - | 11.64
systemloadavg | server_administration | read | - | - | server-value-in-answer | 11.28
unlink_server_node | server_administration | local | alias | handle_api_token | - | 11.86
update_configclusterserver | server_administration | local | name | key user | outbound | 11.44
update_contact_email | server_administration | local | contact_email | - | - | 11.76
update_linked_server_node | server_administration | local | alias | api_token hostname skip_tls_verification username | - | 11.86
verify_posturl_access | server_administration | local | - | - | looks-like-read-but-writes outbound | 11.52
verify_pushbullet_access | server_administration | local | - | - | looks-like-read-but-writes outbound | 11.52
verify_slack_access | server_administration | local | - | - | looks-like-read-but-writes outbound | 11.90
wp_dashboard_create_login_link | server_administration | session | - | service user | generates-secret returns-secret unsafe-retry | 11.40
wp_dashboard_get_hostname | server_administration | read | - | - | server-value-in-answer | 11
get_service_proxy_backends | services | read | username | - | - | 11.94
set_service_proxy_backends | services | local | username | general service_group service_group_backend | server-value-in-params | 11.90
unset_all_service_proxy_backends | services | local | username | - | - | 11.90
get_commerce | sitejet | read | - | - | - | 11.122
get_ecommerce | sitejet | read | - | - | deprecated | 11.122
set_commerce | sitejet | local | allowCommerce | storeurl | config-parity | 11.122
set_ecommerce | sitejet | local | allowEcommerce | storeurl | config-parity deprecated | 11.122
get_users_links | styles | read | user | service | - | 11.50
accept_eula | updates | local | - | - | - | 11.76
get_available_tiers | updates | read | - | - | outbound | 11.38
get_current_lts_expiration_status | updates | read | - | - | - | 11.62
get_lts_wexpire | updates | read | - | - | - | 11.62
installed_versions | updates | read | - | packages | server-value-in-answer | 11.64
set_cpanel_updates | updates | local | updates | - | config-parity | 11.38
set_tier | updates | local | tier | - | config-parity | 11.38
update_updateconf | updates | local | - | CPANEL RPMUP SARULESUP SECURITY_UPDATES STAGING_DIR UPDATES | config-parity | 11.38
version | updates | read | - | - | server-value-in-answer | 11.38
get_scoped_userdata | userdata | read | scope | - | - | 11.86
set_scoped_userdata | userdata | fanout | scope | json key value | - | 11.86
list_accounts_retention | web_log_retention | read | - | - | - | 11.136
`;
