/** name | category | kind | required | optional | flags | since; '-' stands for none, a trailing '*' for any ending. */
export const uapiEF = `
EA4::get_php_recommendations | EA4 | read | - | - | - | 11.82
EA4::get_recommendations | EA4 | read | - | - | - | 11.84
Email::account_name | Email | read | - | account display | - | 11.42
Email::add_auto_responder | Email | fanout | body domain email from interval is_html start stop subject | charset | - | 11.42
Email::add_domain_forwarder | Email | fanout | destdomain domain | - | - | 11.42
Email::add_forwarder | Email | fanout | domain email fwdopt | failmsgs fwdemail fwdsystem pipefwd | - | 11.42
Email::add_list | Email | fanout | domain list password | private rebuildonly | unsafe-retry | 11.42
Email::add_mailman_delegates | Email | fanout | delegates list | - | - | 11.42
Email::add_mx | Email | fanout | domain exchanger priority | alwaysaccept | unsafe-retry | 11.42
Email::add_pop | Email | fanout | email password | domain password_hash quota send_welcome_email skip_update_db | server-value-in-answer unsafe-retry | 11.42
Email::add_spam_filter | Email | fanout | - | account required_score | - | 11.42
Email::browse_mailbox | Email | read | - | account dir showdotfiles | - | 11.42
Email::change_mx | Email | fanout | domain exchanger oldexchanger priority | alwaysaccept oldpriority | unsafe-retry | 11.42
Email::check_fastmail | Email | read | - | - | - | 11.42
Email::count_auto_responders | Email | read | - | - | - | 11.82
Email::count_filters | Email | read | - | - | - | 11.82
Email::count_forwarders | Email | read | - | - | - | 11.82
Email::count_lists | Email | read | - | - | - | 11.82
Email::count_pops | Email | read | - | - | - | 11.82
Email::delete_auto_responder | Email | fanout | email | - | - | 11.42
Email::delete_domain_forwarder | Email | fanout | domain | - | - | 11.42
Email::delete_filter | Email | fanout | account filtername | - | - | 11.42
Email::delete_forwarder | Email | fanout | address forwarder | - | - | 11.42
Email::delete_held_messages | Email | local | email | - | mail-store | 11.74
Email::delete_list | Email | fanout | list | - | destructive | 11.42
Email::delete_mx | Email | fanout | domain exchanger priority | - | - | 11.42
Email::delete_pop | Email | fanout | email | domain flags skip_quota | mail-store destructive | 11.42
Email::disable_filter | Email | fanout | account filtername | - | - | 11.42
Email::disable_mailbox_autocreate | Email | fanout | email | - | - | 11.78
Email::disable_spam_assassin | Email | fanout | - | - | - | 11.42
Email::disable_spam_autodelete | Email | fanout | - | - | - | 11.42
Email::disable_spam_box | Email | fanout | - | - | - | 11.70
Email::dispatch_client_settings | Email | local | account to | - | looks-like-read-but-writes outbound | 11.62
Email::edit_pop_quota | Email | fanout | domain email | quota | - | 11.42
Email::enable_filter | Email | fanout | account filtername | - | - | 11.42
Email::enable_mailbox_autocreate | Email | fanout | email | - | - | 11.78
Email::enable_spam_assassin | Email | fanout | - | - | - | 11.42
Email::enable_spam_box | Email | fanout | - | - | - | 11.70
Email::export_lists | Email | local | - | - | looks-like-read-but-writes | 11.114
Email::fetch_charmaps | Email | read | - | - | - | 11.42
Email::fts_rescan_mailbox | Email | local | account | - | async mail-store | 11.70
Email::generate_mailman_otp | Email | session | list | - | generates-secret returns-secret looks-like-read-but-writes | 11.42
Email::get_auto_responder | Email | read | email | temp_charset | - | 11.42
Email::get_charsets | Email | read | - | - | - | 11.42
Email::get_client_settings | Email | read | - | account | server-value-in-answer | 11.62
Email::get_default_email_quota | Email | read | - | - | - | 11.48
Email::get_default_email_quota_mib | Email | read | - | - | - | 11.48
Email::get_disk_usage | Email | read | domain user | - | - | 11.42
Email::get_filter | Email | read | account filtername | - | - | 11.42
Email::get_held_message_count | Email | read | - | email | - | 11.74
Email::get_lists_total_disk_usage | Email | read | - | - | - | 11.82
Email::get_mailbox_autocreate | Email | read | email | - | - | 11.78
Email::get_mailman_delegates | Email | read | list | - | - | 11.42
Email::get_main_account_disk_usage | Email | read | - | - | - | 11.42
Email::get_main_account_disk_usage_bytes | Email | read | - | - | - | 11.64
Email::get_max_email_quota | Email | read | - | - | - | 11.48
Email::get_max_email_quota_mib | Email | read | - | - | - | 11.48
Email::get_pop_quota | Email | read | email | as_bytes domain | - | 11.42
Email::get_spam_settings | Email | read | - | account | - | 11.42
Email::get_webmail_settings | Email | read | - | account | - | 11.42
Email::has_delegated_mailman_lists | Email | read | delegate | - | - | 11.42
Email::has_plaintext_authentication | Email | read | - | - | - | 11.56
Email::hold_outgoing | Email | fanout | email | - | - | 11.70
Email::list_auto_responders | Email | read | domain | regex | - | 11.42
Email::list_default_address | Email | read | user | domain | - | 11.42
Email::list_domain_forwarders | Email | read | - | domain | - | 11.42
Email::list_filters | Email | read | - | account | - | 11.42
Email::list_filters_backups | Email | read | - | - | - | 11.42
Email::list_forwarders | Email | read | domain | regex | - | 11.42
Email::list_forwarders_backups | Email | read | - | - | - | 11.42
Email::list_lists | Email | read | - | domain regex | - | 11.42
Email::list_mail_domains | Email | read | - | add_www include_wildcard select return_temporary_domain | - | 11.42
Email::list_mxs | Email | read | - | domain | - | 11.42
Email::list_pops | Email | read | - | no_validate regex skip_main | - | 11.42
Email::list_pops_with_disk | Email | read | - | domain email get_restrictions infinityimg infinitylang maxaccounts no_disk no_validate regex | - | 11.42
Email::list_system_filter_info | Email | read | - | - | - | 11.42
Email::passwd_list | Email | fanout | list password | - | - | 11.42
Email::passwd_pop | Email | fanout | email password | domain | - | 11.42
Email::release_outgoing | Email | fanout | email | - | - | 11.70
Email::remove_mailman_delegates | Email | fanout | delegates list | - | - | 11.42
Email::reorder_filters | Email | fanout | filter* mailbox | - | unsafe-retry | 11.42
Email::set_always_accept | Email | fanout | domain | alwaysaccept mxcheck | - | 11.42
Email::set_default_address | Email | fanout | fwdopt | domain failmsgs fwdemail pipefwd | - | 11.42
Email::set_list_privacy_options | Email | fanout | advertised archive_private list subscribe_policy | - | - | 11.42
Email::set_manual_mx_redirects | Email | fanout | domain mx_host | - | server-value-in-params | 11.96
Email::stats_db_status | Email | read | - | - | - | 11.64
Email::store_filter | Email | fanout | action* filtername match* part* val* | account dest* oldfiltername opt* | - | 11.42
Email::suspend_incoming | Email | fanout | - | email | - | 11.54
Email::suspend_login | Email | fanout | email | - | - | 11.54
Email::suspend_outgoing | Email | fanout | email | - | - | 11.70
Email::terminate_mailbox_sessions | Email | local | - | - | - | 11.96
Email::trace_delivery | Email | read | recipient | - | - | 11.84
Email::trace_filter | Email | read | msg | account | - | 11.42
Email::unset_manual_mx_redirects | Email | fanout | domain | - | - | 11.96
Email::unsuspend_incoming | Email | fanout | - | email | - | 11.54
Email::unsuspend_login | Email | fanout | - | email | - | 11.54
Email::unsuspend_outgoing | Email | fanout | email | - | - | 11.70
Email::verify_password | Email | read | email password | - | - | 11.52
EmailAuth::apply_dmarc | EmailAuth | fanout | policy | domain | - | 11.124
EmailAuth::disable_dkim | EmailAuth | fanout | domain | - | - | 11.78
EmailAuth::enable_dkim | EmailAuth | fanout | domain | - | generates-secret | 11.78
EmailAuth::ensure_dkim_keys_exist | EmailAuth | fanout | domain | - | generates-secret looks-like-read-but-writes | 11.78
EmailAuth::fetch_dkim_private_keys | EmailAuth | read | domain | - | returns-secret | 11.78
EmailAuth::install_dkim_private_keys | EmailAuth | fanout | domain key | - | - | 11.78
EmailAuth::install_spf_records | EmailAuth | fanout | domain record | - | server-value-in-params | 11.78
EmailAuth::remove_dmarc | EmailAuth | fanout | - | domain | - | 11.124
EmailAuth::validate_current_dkims | EmailAuth | read | domain | - | outbound | 11.78
EmailAuth::validate_current_dmarcs | EmailAuth | read | - | domain | outbound | 11.124
EmailAuth::validate_current_ptrs | EmailAuth | read | domain | - | outbound | 11.78
EmailAuth::validate_current_spfs | EmailAuth | read | domain | - | outbound | 11.78
ExternalAuthentication::add_authn_link | ExternalAuthentication | fanout | preferred_username provider_id subject_unique_identifier username | - | - | 11.56
ExternalAuthentication::configured_modules | ExternalAuthentication | read | - | - | - | 11.54
ExternalAuthentication::get_authn_links | ExternalAuthentication | read | - | - | - | 11.54
ExternalAuthentication::has_external_auth_modules_configured | ExternalAuthentication | read | - | - | - | 11.66
ExternalAuthentication::remove_authn_link | ExternalAuthentication | fanout | provider subject_unique_identifier | - | - | 11.54
ExtractInfo::finish | ExtractInfo | local | - | - | - | 11.136
ExtractInfo::progress | ExtractInfo | read | - | - | - | 11.136
ExtractInfo::start | ExtractInfo | local | archive directory | - | async home-files | 11.136
Features::get_feature_metadata | Features | read | - | - | - | 11.80
Features::has_feature | Features | read | name | - | - | 11.42
Features::has_features_like | Features | read | pattern | is_regex | - | 11.130
Features::list_features | Features | read | - | - | - | 11.42
Features::list_features_like | Features | read | pattern | is_regex | - | 11.130
Fileman::autocompletedir | Fileman | read | path | dirsonly html list_all | - | 11.54
Fileman::copy_file | Fileman | local | destination source | - | home-files | 11.136
Fileman::delete_file | Fileman | local | path | - | home-files destructive | 11.136
Fileman::empty_trash | Fileman | local | - | older_than | home-files destructive | 11.60
Fileman::get_file_content | Fileman | read | dir file | from_charset to_charset update_html_document_encoding | - | 11.44
Fileman::get_file_information | Fileman | read | path | check_for_leaf_directories include_hash include_mime include_permissions show_hidden | - | 11.44
Fileman::list_files | Fileman | read | dir | check_for_leaf_directories include_hash include_mime include_permissions limit_to_list mime_types only_these_files raw_mime_types show_hidden types | - | 11.44
Fileman::move_file | Fileman | local | destination source | - | home-files | 11.136
Fileman::rename_file | Fileman | local | destination source | - | home-files | 11.136
Fileman::restore_from_trash | Fileman | local | path | - | home-files | 11.136
Fileman::save_file_content | Fileman | local | file | content dir fallback from_charset to_charset | home-files | 11.44
Fileman::transcode | Fileman | local | content | discard_illegal from_charset to_charset transliterate | home-files | 11.44
Fileman::trash_file | Fileman | local | path | - | home-files | 11.136
Fileman::upload_files | Fileman | local | - | dir get_disk_info overwrite permissions | home-files unsafe-retry | 11.44
Ftp::add_ftp | Ftp | fanout | user | disallowdot domain homedir pass pass_hash quota | unsafe-retry | 11.42
Ftp::allows_anonymous_ftp | Ftp | read | - | - | - | 11.42
Ftp::allows_anonymous_ftp_incoming | Ftp | read | - | - | - | 11.42
Ftp::delete_ftp | Ftp | fanout | user | destroy domain | destructive | 11.42
Ftp::ftp_exists | Ftp | read | user | domain | - | 11.42
Ftp::get_ftp_daemon_info | Ftp | read | - | - | server-value-in-answer | 11.54
Ftp::get_port | Ftp | read | - | - | - | 11.42
Ftp::get_quota | Ftp | read | account | domain | - | 11.42
Ftp::get_welcome_message | Ftp | read | - | - | - | 11.42
Ftp::kill_session | Ftp | local | - | login | - | 11.42
Ftp::list_ftp | Ftp | read | - | include_acct_types skip_acct_types | - | 11.42
Ftp::list_ftp_with_disk | Ftp | read | - | include_acct_types skip_acct_types | - | 11.42
Ftp::list_sessions | Ftp | read | - | - | - | 11.42
Ftp::passwd | Ftp | fanout | pass user | domain | - | 11.42
Ftp::server_name | Ftp | read | - | - | server-value-in-answer | 11.42
Ftp::set_anonymous_ftp | Ftp | fanout | - | set | - | 11.42
Ftp::set_anonymous_ftp_incoming | Ftp | fanout | - | set | - | 11.42
Ftp::set_homedir | Ftp | fanout | user | domain homedir | - | 11.54
Ftp::set_quota | Ftp | fanout | user | domain kill quota | - | 11.42
Ftp::set_welcome_message | Ftp | fanout | message | - | - | 11.42
`;
