/** name | category | kind | required | optional | flags | since; '-' stands for none, a trailing '*' for any ending. */
export const uapiNS = `
NginxCaching::clear_cache | NginxCaching | local | - | - | - | 11.100
NginxCaching::disable_cache | NginxCaching | fanout | - | - | - | 11.100
NginxCaching::enable_cache | NginxCaching | fanout | - | - | - | 11.100
NginxCaching::reset_cache_config | NginxCaching | fanout | - | - | - | 11.100
Notifications::get_notifications_count | Notifications | read | - | - | - | 11.54
Nova::account_exists | Nova | read | - | - | - | 11.138
Nova::add_api_token | Nova | local | api_token | - | - | 11.138
Nova::can_create_domains | Nova | read | - | - | - | 11.138
Nova::create_account | Nova | local | - | - | - | 11.138
Nova::disk_quota_check | Nova | read | - | domain | - | 11.138
Nova::ensure_account | Nova | session | - | colorScheme domain promptToken return_url | - | 11.138
Nova::get_all_user_nova_info | Nova | read | - | domain | - | 11.138
Nova::get_sso_link | Nova | session | - | colorScheme domain promptToken return_url | returns-secret | 11.138
Nova::get_tier | Nova | read | - | - | - | 11.138
Nova::poll_publish | Nova | read | file_name pid | - | - | 11.138
Nova::publish | Nova | local | archiveUrl domain signature userId | cleanup | async | 11.138
Park::listparkeddomains | Park | read | - | regex return_https_redirect_status | - | 11.138
Park::park | Park | fanout | domain | disallowdot force topdomain | unsafe-retry slow | 11.138
Park::unpark | Park | fanout | domain | subdomain | - | 11.138
Parser::firstfile_relative_uri | Parser | read | - | - | - | 11.42
PassengerApps::disable_application | PassengerApps | fanout | name | - | - | 11.66
PassengerApps::edit_application | PassengerApps | fanout | name | clear_envvars deployment_mode domain enabled envvar_name envvar_value new_name path | - | 11.66
PassengerApps::enable_application | PassengerApps | fanout | name | - | - | 11.66
PassengerApps::ensure_deps | PassengerApps | local | app_path type | - | async | 11.80
PassengerApps::list_applications | PassengerApps | read | - | - | - | 11.66
PassengerApps::register_application | PassengerApps | fanout | domain name path | base_uri deployment_mode enabled envvar_name envvar_value | server-value-in-params unsafe-retry | 11.66
PassengerApps::unregister_application | PassengerApps | fanout | name | - | - | 11.66
PasswdStrength::get_required_strength | PasswdStrength | read | app | - | - | 11.42
Personalization::get | Personalization | read | - | names | - | 11.74
Personalization::set | Personalization | fanout | - | personalization | home-files | 11.74
Plugins::can_show_promotions | Plugins | read | plugin | - | - | 11.110
Plugins::create_user | Plugins | local | - | * | - | 11.118
Postgresql::create_database | Postgresql | fanout | name | - | database-data unsafe-retry | 11.42
Postgresql::create_user | Postgresql | fanout | name password | - | unsafe-retry | 11.42
Postgresql::delete_database | Postgresql | fanout | name | - | database-data destructive | 11.54
Postgresql::delete_user | Postgresql | fanout | name | - | destructive | 11.84
Postgresql::get_restrictions | Postgresql | read | - | - | - | 11.42
Postgresql::grant_all_privileges | Postgresql | fanout | database user | - | - | 11.42
Postgresql::list_databases | Postgresql | read | - | - | - | 11.84
Postgresql::list_users | Postgresql | read | - | - | - | 11.84
Postgresql::rename_database | Postgresql | fanout | newname oldname | - | database-data unsafe-retry slow | 11.42
Postgresql::rename_user | Postgresql | fanout | newname oldname password | - | unsafe-retry | 11.42
Postgresql::rename_user_no_password | Postgresql | fanout | newname oldname | - | generates-secret | 11.42
Postgresql::revoke_all_privileges | Postgresql | fanout | database user | - | - | 11.42
Postgresql::set_password | Postgresql | fanout | password user | - | - | 11.42
Postgresql::update_privileges | Postgresql | fanout | - | - | - | 11.84
Pushbullet::send_test_message | Pushbullet | local | access_token | - | outbound | 11.52
Quota::get_local_quota_info | Quota | read | - | - | server-value-in-answer | 11.88
Quota::get_quota_info | Quota | read | - | - | server-value-in-answer | 11.56
Resellers::list_accounts | Resellers | read | - | - | - | 11
ResourceUsage::get_usages | ResourceUsage | read | - | - | server-value-in-answer | 11.70
Restore::directory_listing | Restore | read | path | - | - | 11.68
Restore::get_users | Restore | read | - | - | - | 11.72
Restore::query_file_info | Restore | read | path | exists | - | 11.68
Restore::restore_file | Restore | local | backupID overwrite path | - | home-files | 11.68
ServerInformation::get_information | ServerInformation | read | - | - | server-value-in-answer | 11.82
ServiceProxy::get_service_proxy_backends | ServiceProxy | read | - | - | - | 11.96
ServiceProxy::set_service_proxy_backends | ServiceProxy | local | - | general service_group service_group_backend | server-value-in-params | 11.96
ServiceProxy::unset_all_service_proxy_backends | ServiceProxy | local | - | - | - | 11.96
Session::create_temp_user | Session | session | - | - | generates-secret returns-secret unsafe-retry | 54.0.16
Session::create_webmail_session_for_mail_user | Session | session | domain login | locale remote_address | generates-secret returns-secret | 11.86
Session::create_webmail_session_for_mail_user_check_password | Session | session | domain login password | locale remote_address | generates-secret returns-secret | 11.86
Session::create_webmail_session_for_self | Session | session | - | locale remote_address | generates-secret returns-secret | 11.86
SiteQuality::create_project | SiteQuality | local | name url | standard_alerting system_type | - | 11.110
SiteQuality::create_site_quality_user | SiteQuality | local | email | password | - | 11.110
SiteQuality::delete_site_quality_user | SiteQuality | local | - | - | - | 11.110
SiteQuality::get_all_scores | SiteQuality | read | verbose | - | - | 11.110
SiteQuality::get_app_token | SiteQuality | read | - | - | returns-secret | 11.110
SiteQuality::get_monitored_domains | SiteQuality | read | - | - | - | 11.110
SiteQuality::get_monitored_system_scores | SiteQuality | read | - | - | - | 11.110
SiteQuality::has_site_quality_user | SiteQuality | read | - | - | - | 11.110
SiteQuality::is_site_quality_user_enabled | SiteQuality | read | - | - | - | 11.110
SiteQuality::reset_config | SiteQuality | local | - | - | - | 11.110
SiteQuality::send_activation_email | SiteQuality | local | - | - | - | 11.110
SiteQuality::update_domain | SiteQuality | local | new_domain old_domain | - | - | 11.110
SiteQuality::verify_code | SiteQuality | local | code | - | - | 11.110
SiteTemplates::list_site_templates | SiteTemplates | read | - | - | - | -
SiteTemplates::list_user_settings | SiteTemplates | read | - | - | - | -
SiteTemplates::publish | SiteTemplates | local | - | path source template target docroot * | home-files | -
Sitejet::add_api_token | Sitejet | local | api_token | - | - | 11.110
Sitejet::can_create_domains | Sitejet | read | - | - | - | 11.110
Sitejet::create_account | Sitejet | local | - | - | - | 11.110
Sitejet::create_restore_point | Sitejet | local | domain | - | - | 11.120
Sitejet::create_website | Sitejet | local | company domain | assignTo city country email firstname language lastname metadata note phone street title zip | - | 11.110
Sitejet::get_all_user_sitejet_info | Sitejet | read | - | domain | - | 11.110
Sitejet::get_api_token | Sitejet | read | - | - | returns-secret | 11.110
Sitejet::get_preview_url | Sitejet | read | websiteId | - | - | 11.110
Sitejet::get_sso_link | Sitejet | session | domain referrer | ui_mode | returns-secret | 11.110
Sitejet::get_templates | Sitejet | read | - | - | deprecated | 11.110
Sitejet::restore_document_root | Sitejet | local | domain | - | home-files | 11.120
Sitejet::set_template | Sitejet | local | domain templateId templateName | - | deprecated | 11.110
Sitejet::start_publish | Sitejet | local | domain | cleanup | async home-files | 11.110
SpamAssassin::clear_spam_box | SpamAssassin | local | - | - | mail-store destructive | 11.70
SpamAssassin::get_symbolic_test_names | SpamAssassin | read | - | - | - | 11.70
SpamAssassin::get_user_preferences | SpamAssassin | read | - | - | - | 11.70
SpamAssassin::update_user_preference | SpamAssassin | fanout | preference | value | - | 11.70
`;
