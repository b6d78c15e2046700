/** name | category | kind | required | optional | flags | since; '-' stands for none, a trailing '*' for any ending. */
export const uapiSsZ = `
SSH::get_port | SSH | read | - | - | - | 11.42
SSH::get_shell | SSH | read | - | - | - | 11.42
SSL::add_autossl_excluded_domains | SSL | fanout | domains | - | - | 11.66
SSL::can_ssl_redirect | SSL | read | - | - | - | 11.80
SSL::check_shared_cert | SSL | read | - | - | deprecated | 11.42
SSL::delete_cert | SSL | fanout | - | friendly_name id | home-files server-value-in-params | 11.42
SSL::delete_csr | SSL | fanout | - | friendly_name id | home-files server-value-in-params | 11.42
SSL::delete_key | SSL | fanout | - | friendly_name id | home-files server-value-in-params destructive | 11.42
SSL::delete_ssl | SSL | fanout | domain | - | destructive | 11.42
SSL::disable_mail_sni | SSL | local | domains | - | - | 11.48
SSL::enable_mail_sni | SSL | local | domains | - | - | 11.48
SSL::fetch_best_for_domain | SSL | read | domain | - | returns-secret | 11.42
SSL::fetch_cert_info | SSL | read | friendly_name id | - | - | 11.42
SSL::fetch_certificates_for_fqdns | SSL | read | domains | - | returns-secret | 11.66
SSL::fetch_key_and_cabundle_for_certificate | SSL | read | certificate | - | returns-secret | 11.42
SSL::find_certificates_for_key | SSL | read | - | friendly_name id | - | 11.42
SSL::find_csrs_for_key | SSL | read | - | friendly_name id | - | 11.42
SSL::generate_cert | SSL | fanout | countryName domains key_id localityName organizationName stateOrProvinceName | emailAddress friendly_name organizationalUnitName | home-files generates-secret unsafe-retry | 11.42
SSL::generate_csr | SSL | fanout | countryName domains key_id localityName organizationName stateOrProvinceName | emailAddress friendly_name organizationalUnitName | home-files unsafe-retry | 11.42
SSL::generate_key | SSL | fanout | - | friendly_name keysize keytype | home-files generates-secret returns-secret unsafe-retry | 11.42
SSL::get_autossl_excluded_domains | SSL | read | - | - | - | 11.66
SSL::get_autossl_problems | SSL | read | - | - | - | 11.68
SSL::get_autossl_renewal_status | SSL | read | domain | - | - | 11.134
SSL::get_cabundle | SSL | read | cert | - | - | 11.42
SSL::get_cn_name | SSL | read | domain service | add_mail_subdomain | - | 11.42
SSL::install_ssl | SSL | fanout | cert domain key | cabundle domain_dcv_method order_item_id originating_certificate_id parent_cert_expiry vhost_names | slow | 11.42
SSL::installed_host | SSL | read | - | domain verify_certificate | - | 11.42
SSL::installed_hosts | SSL | read | - | - | server-value-in-answer | 11.42
SSL::is_autossl_check_in_progress | SSL | read | - | - | - | 11.68
SSL::is_mail_sni_supported | SSL | read | - | - | - | 11.48
SSL::is_sni_supported | SSL | read | - | - | - | 11.42
SSL::list_certs | SSL | read | - | - | - | 11.42
SSL::list_csrs | SSL | read | - | - | - | 11.42
SSL::list_keys | SSL | read | - | - | - | 11.42
SSL::list_ssl_items | SSL | read | - | domains item | - | 11.42
SSL::mail_sni_status | SSL | read | domain | - | - | 11.48
SSL::rebuild_mail_sni_config | SSL | local | - | reload_dovecot | - | 11.48
SSL::rebuildssldb | SSL | local | - | - | - | 11.42
SSL::remove_autossl_excluded_domains | SSL | fanout | domains | - | - | 11.66
SSL::set_autossl_excluded_domains | SSL | fanout | - | domains | - | 11.66
SSL::set_cert_friendly_name | SSL | fanout | friendly_name new_friendly_name | - | server-value-in-params | 11.42
SSL::set_csr_friendly_name | SSL | fanout | friendly_name id new_friendly_name | - | server-value-in-params | 11.42
SSL::set_default_key_type | SSL | fanout | type | - | - | 11.92
SSL::set_key_friendly_name | SSL | fanout | friendly_name id new_friendly_name | - | server-value-in-params | 11.42
SSL::set_primary_ssl | SSL | fanout | servername | - | - | 11.42
SSL::show_cert | SSL | read | - | friendly_name id | - | 11.42
SSL::show_csr | SSL | read | - | friendly_name id | - | 11.42
SSL::show_key | SSL | read | - | friendly_name id | returns-secret | 11.42
SSL::start_autossl_check | SSL | local | - | - | async | 11.68
SSL::toggle_ssl_redirect_for_domains | SSL | fanout | domains state | - | unsafe-retry | 11.80
SSL::upload_cert | SSL | fanout | crt | friendly_name | home-files | 11.42
SSL::upload_key | SSL | fanout | key | friendly_name crt | home-files | 11.42
Stats::get_bandwidth | Stats | read | - | timezone | - | 11.84
Stats::get_site_errors | Stats | read | domain | log maxlines | - | 11.84
Stats::get_stats_daily | Stats | read | domain | - | - | 11.132
Stats::list_sites | Stats | read | engine | traffic | - | 11.84
Stats::list_stats_by_domain | Stats | read | domain engine | ssl | - | 11.84
StatsBar::get_stats | StatsBar | read | display | infinityimg infinitylang rowcounter warninglevel warnings warnout | server-value-in-answer | 11.42
StatsManager::get_configuration | StatsManager | read | - | - | - | 11.90
StatsManager::save_configuration | StatsManager | fanout | - | changes | - | 11.90
SubDomain::addsubdomain | SubDomain | fanout | domain rootdomain | canoff dir disallowdot | unsafe-retry | 11.70
SubDomain::changedocroot | SubDomain | fanout | docroot domain | - | - | 11
SubDomain::delsubdomain | SubDomain | fanout | domain | disallowdot | destructive | 11.138
SubDomain::getreservedsubdomains | SubDomain | read | - | - | - | 11.138
SubDomain::listsubdomains | SubDomain | read | - | regex return_https_redirect_status | - | 11.138
SubDomain::validregex | SubDomain | read | - | - | - | 11.138
Team::add_roles | Team | fanout | role user | - | - | 11.108
Team::add_team_user | Team | fanout | email1 user | activation_email email2 expire_date expire_reason notes password roles services.email.enabled services.email.quota services.ftp.enabled services.ftp.homedir services.webdisk.enabled services.webdisk.enabledigest services.webdisk.homedir services.webdisk.perms services.webdisk.private | generates-secret unsafe-retry | 11.104
Team::cancel_expire | Team | fanout | user | - | - | 11.110
Team::edit_team_user | Team | fanout | user | add_role email1 email2 expire_reason notes password remove_role services.email.enabled services.email.quota services.ftp.enabled services.ftp.homedir services.webdisk.enabled services.webdisk.enabledigest services.webdisk.homedir services.webdisk.perms services.webdisk.private set_expire set_role | - | 11.110
Team::get_team_users_with_roles_count | Team | read | - | - | - | 11.118
Team::list_team | Team | read | - | format | - | 11.104
Team::password_reset_request | Team | local | user | - | outbound | 11.108
Team::reinstate_team_user | Team | fanout | user | - | - | 11.108
Team::remove_roles | Team | fanout | role user | - | - | 11.108
Team::remove_team_user | Team | fanout | user | - | destructive | 11.108
Team::set_contact_email | Team | fanout | user | email1 email2 | - | 11.110
Team::set_expire | Team | fanout | date user | reason | - | 11.110
Team::set_locale | Team | fanout | locale user | - | - | 11.108
Team::set_notes | Team | fanout | notes user | - | - | 11.110
Team::set_password | Team | fanout | password user | - | - | 11.106
Team::set_roles | Team | fanout | user | role | - | 11.108
Team::suspend_team_user | Team | fanout | user | reason | - | 11.108
TeamRoles::list_feature_descriptions | TeamRoles | read | - | - | - | 11.108
Themes::get_theme_base | Themes | read | - | - | deprecated | 11.50
Themes::list | Themes | read | - | show_mail_themes | server-value-in-answer | 11.42
Themes::update | Themes | fanout | theme | - | - | 11.42
Tokens::create_full_access | Tokens | session | name | expires_at readonly | generates-secret returns-secret unsafe-retry | 11.80
Tokens::list | Tokens | read | - | - | - | 11.80
Tokens::rename | Tokens | fanout | name new_name | - | unsafe-retry | 11.80
Tokens::revoke | Tokens | fanout | name | - | - | 11.80
Trash::remove | Trash | local | path | - | home-files destructive | 11.136
TwoFactorAuth::generate_user_configuration | TwoFactorAuth | read | - | - | generates-secret returns-secret | 11.54
TwoFactorAuth::get_team_user_configuration | TwoFactorAuth | read | team_user | - | - | 11.54
TwoFactorAuth::get_user_configuration | TwoFactorAuth | read | - | - | - | 11.54
TwoFactorAuth::remove_user_configuration | TwoFactorAuth | fanout | - | - | - | 11.54
TwoFactorAuth::set_user_configuration | TwoFactorAuth | fanout | secret tfa_token | - | - | 11.54
UserData::get_scoped_userdata | UserData | read | scope | - | - | 11.32
UserData::set_scoped_userdata | UserData | fanout | scope | json key value | - | 11.32
UserManager::change_password | UserManager | fanout | newpass oldpass | enablemysql | - | 11.116
UserManager::check_account_conflicts | UserManager | read | full_username | - | - | 11.56
UserManager::create_user | UserManager | fanout | domain password username | alternate_email avatar_url phone_number real_name send_invite services.email.enabled services.email.quota services.email.send_welcome_email services.ftp.enabled services.ftp.homedir services.webdisk.enabled services.webdisk.enabledigest services.webdisk.homedir services.webdisk.perms services.webdisk.private type | generates-secret unsafe-retry | 11.54
UserManager::delete_user | UserManager | fanout | domain username | - | server-value-in-params destructive | 11.54
UserManager::dismiss_merge | UserManager | fanout | domain username | services.email.dismiss services.ftp.dismiss services.webdisk.dismiss | - | 11.54
UserManager::edit_user | UserManager | fanout | domain username | alternate_email avatar_url password phone_number real_name services.email.enabled services.email.quota services.ftp.enabled services.ftp.homedir services.webdisk.enabled services.webdisk.enabledigest services.webdisk.homedir services.webdisk.perms services.webdisk.private type | server-value-in-params | 11.54
UserManager::list_users | UserManager | read | - | flat | - | 11.54
UserManager::lookup_service_account | UserManager | read | full_username type | - | - | 11.54
UserManager::lookup_user | UserManager | read | guid | - | - | 11.54
UserManager::merge_service_account | UserManager | fanout | domain username | services.email.merge services.ftp.merge services.webdisk.merge | - | 11.54
UserManager::unlink_service_account | UserManager | fanout | domain service username | dismiss | - | 11.56
UserTasks::delete | UserTasks | local | id | - | - | 11.72
UserTasks::retrieve | UserTasks | read | - | - | - | 11.72
Users::change_password | Users | fanout | newpass oldpass | enabledigest enablemysql | - | 11.116
Variables::get_server_information | Variables | read | - | name | server-value-in-answer | 11.86
Variables::get_session_information | Variables | read | - | name | server-value-in-answer | 11.86
Variables::get_user_information | Variables | read | - | name | server-value-in-answer | 11.86
VersionControl::create | VersionControl | local | name repository_root type | source_repository | async home-files outbound unsafe-retry | 11.72
VersionControl::delete | VersionControl | local | repository_root | - | home-files destructive | 11.72
VersionControl::retrieve | VersionControl | read | - | fields | - | 11.72
VersionControl::update | VersionControl | local | repository_root | branch name source_repository | home-files | 11.72
VersionControlDeployment::create | VersionControlDeployment | local | repository_root | - | async home-files | 11.74
VersionControlDeployment::delete | VersionControlDeployment | local | deploy_id | - | - | 11.74
VersionControlDeployment::retrieve | VersionControlDeployment | read | - | - | - | 11.74
WPX::change_admin_password | WPX | local | id password | login | - | 11.138
WPX::create_nova_for_wordpress_website | WPX | local | domain | colorScheme promptToken return_url | - | 11.138
WPX::create_website | WPX | local | domain | title | async unsafe-retry | 11.138
WPX::get_admin_account | WPX | read | id | - | - | 11.138
WPX::get_credentials | WPX | session | id | panel_return_url | returns-secret | 11.138
WPX::get_site_activity | WPX | read | id | - | - | 11.138
WPX::get_task_progress | WPX | read | install_id | - | - | 11.138
WPX::get_task_status | WPX | read | task_id | - | - | 11.138
WPX::get_website | WPX | read | id | - | - | 11.138
WPX::has_reached_quota | WPX | read | - | - | - | 11.138
WPX::import_website | WPX | local | domain source_password source_url source_user | overwrite password_type | async unsafe-retry | 11.138
WPX::list_websites | WPX | read | - | - | - | 11.138
WPX::remove_installation | WPX | local | id | - | destructive | 11.138
WPX::set_language | WPX | local | id language | - | - | 11.138
WebApp::configure | WebApp | local | name | appdir build_command db db_name deployname domain env mode output_dir runtime_tag startup_command | - | 11.138
WebApp::delete | WebApp | local | name verify | - | destructive | 11.138
WebApp::deploy | WebApp | local | name | - | async home-files | 11.138
WebApp::fetch_logs | WebApp | read | log_type name | deploy_id lines | - | 11.138
WebApp::get_available | WebApp | read | - | - | - | 11.138
WebApp::has_feature | WebApp | read | - | - | - | 11.138
WebApp::list | WebApp | read | - | - | - | 11.138
WebApp::redeploy | WebApp | local | name | - | async | 11.138
WebApp::restart | WebApp | local | name | - | - | 11.138
WebApp::set_mode | WebApp | local | mode name | - | - | 11.138
WebApp::stage | WebApp | local | name source source_type | appdir branch mode runtime | - | 11.138
WebApp::start | WebApp | local | name | - | - | 11.138
WebApp::stop | WebApp | local | name | - | - | 11.138
WebDisk::delete_user | WebDisk | fanout | destroy user | - | destructive | 11.54
WebDisk::set_homedir | WebDisk | fanout | homedir user | private | - | 11.54
WebDisk::set_password | WebDisk | fanout | password user | enabledigest | - | 11.54
WebDisk::set_permissions | WebDisk | fanout | perms user | - | - | 11.54
WebProsMCP::get_connection_config | WebProsMCP | read | - | - | returns-secret | 11.138
WebProsMCP::unlink_webpros_account | WebProsMCP | local | - | - | - | 11.138
WebVhosts::list_domains | WebVhosts | read | - | - | - | 11.56
WebVhosts::list_ssl_capable_domains | WebVhosts | read | - | hide_temporary_domains | - | 11.64
WebmailApps::list_webmail_apps | WebmailApps | read | - | theme | - | 11.48
WebsiteBackup::create_backup | WebsiteBackup | local | domain | database email | async | 11.138
WebsiteBackup::delete_backup | WebsiteBackup | local | ids | - | destructive | 11.138
WebsiteBackup::disk_quota_check | WebsiteBackup | read | domain | - | - | 11.138
WebsiteBackup::extract_backup | WebsiteBackup | local | domain id path | - | async home-files | 11.138
WebsiteBackup::list_backups | WebsiteBackup | read | domain | - | - | 11.138
WebsiteBackup::list_operations | WebsiteBackup | read | domain | - | - | 11.138
WebsiteBackup::operation_status | WebsiteBackup | read | operationId | - | - | 11.138
WebsiteBackup::restore_backup | WebsiteBackup | local | domain id | clean database restore_databases | async home-files destructive | 11.138
WordPressBackup::any_running | WordPressBackup | read | - | - | - | -
WordPressBackup::cancel | WordPressBackup | local | site | - | - | -
WordPressBackup::cleanup | WordPressBackup | local | site | - | - | -
WordPressBackup::get_available_backups | WordPressBackup | read | site | - | - | -
WordPressBackup::is_running | WordPressBackup | read | site | - | - | -
WordPressBackup::start | WordPressBackup | local | site | - | async | -
WordPressInstanceManager::cancel_scan | WordPressInstanceManager | local | - | - | - | -
WordPressInstanceManager::change_admin_password | WordPressInstanceManager | local | id password | - | - | -
WordPressInstanceManager::cleanup_scan | WordPressInstanceManager | local | guid | - | - | -
WordPressInstanceManager::configure_autoupdate | WordPressInstanceManager | local | autoupdate.core.major autoupdate.core.minor id | - | - | -
WordPressInstanceManager::get_api_version | WordPressInstanceManager | read | - | - | - | -
WordPressInstanceManager::get_instance_by_id | WordPressInstanceManager | read | id | - | - | -
WordPressInstanceManager::get_instances | WordPressInstanceManager | read | - | - | - | -
WordPressInstanceManager::get_latest_wordpress_version_from_wordpress_org | WordPressInstanceManager | read | - | cache_time force | - | -
WordPressInstanceManager::get_scan_results | WordPressInstanceManager | read | - | - | - | -
WordPressInstanceManager::is_installable_addon_available | WordPressInstanceManager | read | - | - | - | -
WordPressInstanceManager::start_scan | WordPressInstanceManager | local | - | - | async | -
WordPressRestore::any_running | WordPressRestore | read | - | - | - | -
WordPressRestore::cleanup | WordPressRestore | local | site | - | - | -
WordPressRestore::start | WordPressRestore | local | backup_path site | - | async | -
WordPressSite::create | WordPressSite | local | - | - | async home-files unsafe-retry | 11.42
WordPressSite::retrieve | WordPressSite | read | - | - | - | 11.42
ZoneEdit::resetzone | ZoneEdit | fanout | domain | - | destructive | 11.138
`;
