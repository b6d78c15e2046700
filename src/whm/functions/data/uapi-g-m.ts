/** name | category | kind | required | optional | flags | since; '-' stands for none, a trailing '*' for any ending. */
export const uapiGM = `
GPG::delete_keypair | GPG | local | key_id | - | home-files | 11.82
GPG::export_public_key | GPG | read | key_id | - | - | 11.82
GPG::export_secret_key | GPG | read | key_id | passphrase | returns-secret | 11.82
GPG::generate_key | GPG | local | email name passphrase | comment expire keysize no_expire | home-files generates-secret | 11.82
GPG::import_key | GPG | local | key_data | - | home-files | 11.82
GPG::list_public_keys | GPG | read | - | - | - | 11.82
GPG::list_secret_keys | GPG | read | - | - | - | 11.82
ImageManager::convert_file | ImageManager | local | image_file type | - | home-files | 11.82
ImageManager::create_thumbnails | ImageManager | local | dir height_percentage width_percentage | - | home-files | 11.82
ImageManager::get_dimensions | ImageManager | read | image_file | - | - | 11.82
ImageManager::resize_image | ImageManager | local | height image_file width | save_original_as | home-files | 11.82
InProductSurvey::get_in_product_survey_url | InProductSurvey | read | - | - | - | 11.32
Integration::fetch_url | Integration | local | app | - | outbound | 11.54
KnownHosts::create | KnownHosts | local | host_name | port | home-files outbound | 11.74
KnownHosts::delete | KnownHosts | local | host_name | port | home-files | 11.74
KnownHosts::update | KnownHosts | local | host_name | port | home-files outbound | 11.74
KnownHosts::verify | KnownHosts | read | host_name | port | outbound | 11.74
LangPHP::php_get_domain_handler | LangPHP | read | type | vhost | - | 11.68
LangPHP::php_get_impacted_domains | LangPHP | read | - | domain system_default | - | 11.62
LangPHP::php_get_installed_versions | LangPHP | read | - | - | - | 11.52
LangPHP::php_get_system_default_version | LangPHP | read | - | - | - | 11.52
LangPHP::php_get_vhost_versions | LangPHP | read | - | vhost | - | 11.52
LangPHP::php_ini_get_user_basic_directives | LangPHP | read | type | vhost | - | 11.52
LangPHP::php_ini_get_user_content | LangPHP | read | type | vhost | - | 11.52
LangPHP::php_ini_get_user_paths | LangPHP | read | - | - | - | 11.52
LangPHP::php_ini_set_user_basic_directives | LangPHP | fanout | directive type | vhost | home-files | 11.52
LangPHP::php_ini_set_user_content | LangPHP | fanout | content type | vhost | home-files | 11.52
LangPHP::php_set_vhost_versions | LangPHP | fanout | version vhost | - | slow | 11.52
LastLogin::get_last_or_current_logged_in_ip | LastLogin | read | - | - | - | 11.48
Locale::get_attributes | Locale | read | - | - | - | 11.42
Locale::list_locales | Locale | read | - | - | - | 11.82
Locale::set_locale | Locale | fanout | locale | - | - | 11.82
LogManager::delete_archive | LogManager | local | file | - | - | 11.136
LogManager::get_settings | LogManager | read | - | - | - | 11.82
LogManager::list_archives | LogManager | read | - | - | - | 11.82
LogManager::list_error_logs | LogManager | read | domain | - | - | 11.138
LogManager::set_settings | LogManager | local | - | archive_logs prune_archive retention_days | - | 11.82
LogManager::view_error_log | LogManager | read | domain file_id | limit | - | 11.138
Mailboxes::expunge_mailbox_messages | Mailboxes | dangerous | account mailbox query | - | mail-store | 11.64
Mailboxes::expunge_messages_for_mailbox_guid | Mailboxes | dangerous | account mailbox_guid query | - | mail-store server-value-in-params | 11.64
Mailboxes::get_mailbox_status_list | Mailboxes | read | account | - | - | 11.64
Mailboxes::has_utf8_mailbox_names | Mailboxes | read | - | user | - | 11.78
Mailboxes::set_utf8_mailbox_names | Mailboxes | fanout | enabled | - | - | 11.78
Market::cancel_pending_ssl_certificate | Market | local | order_item_id provider | - | - | 11.56
Market::create_shopping_cart | Market | local | access_token item provider url_after_checkout | - | unsafe-retry | 11.62
Market::create_shopping_cart_non_ssl | Market | local | access_token product_name url_after_checkout | domain | - | 11.62
Market::get_all_products | Market | read | - | - | outbound | 11.56
Market::get_build_cart_url | Market | read | product_name | domain | - | 11.62
Market::get_certificate_status_details | Market | read | order_item_id provider | - | - | -
Market::get_completion_url | Market | read | product_name | - | - | 11.62
Market::get_license_info | Market | read | - | domain | - | 11.62
Market::get_login_url | Market | session | provider url_after_login | - | - | 11.56
Market::get_pending_ssl_certificates | Market | read | provider | - | - | 11.56
Market::get_product_info | Market | read | product_name | - | outbound | 11.62
Market::get_provider_specific_dcv_constraints | Market | read | provider | - | - | 11.62
Market::get_providers_list | Market | read | - | - | - | 11.56
Market::get_ssl_certificate_if_available | Market | read | order_item_id provider | - | - | 11.56
Market::process_ssl_pending_queue | Market | local | - | - | async | 11.56
Market::request_ssl_certificates | Market | local | access_token certificate provider | identity_verification url_after_checkout | async unsafe-retry | 11.56
Market::set_status_of_pending_queue_items | Market | local | order_item_id provider status | - | - | 11.56
Market::set_url_after_checkout | Market | local | access_token order_id provider url_after_checkout | - | - | 11.56
Market::validate_login_token | Market | session | login_token provider url_after_login | - | returns-secret looks-like-read-but-writes | 11.56
Mime::add_handler | Mime | fanout | extension handler | - | home-files | 11.42
Mime::add_hotlink | Mime | fanout | extensions redirect_url urls | allow_null | home-files | 11.42
Mime::add_mime | Mime | fanout | extension type | - | home-files | 11.42
Mime::add_redirect | Mime | fanout | domain redirect | redirect_wildcard redirect_www src type | home-files | 11.42
Mime::delete_handler | Mime | fanout | extension | - | home-files | 11.42
Mime::delete_hotlink | Mime | fanout | - | - | home-files | 11.42
Mime::delete_mime | Mime | fanout | type | - | home-files | 11.42
Mime::delete_redirect | Mime | fanout | domain | args docroot src | home-files | 11.42
Mime::get_redirect | Mime | read | domain | - | - | 11.88
Mime::list_handlers | Mime | read | type | - | - | 11.42
Mime::list_hotlinks | Mime | read | - | - | - | 11.42
Mime::list_mime | Mime | read | type | - | - | 11.42
Mime::list_redirects | Mime | read | - | destination regex | - | 11.42
Mime::redirect_info | Mime | read | domain url | - | - | 11.42
ModSecurity::disable_all_domains | ModSecurity | fanout | - | - | - | 11.46
ModSecurity::disable_domains | ModSecurity | fanout | domains | - | - | 11.46
ModSecurity::enable_all_domains | ModSecurity | fanout | - | - | - | 11.46
ModSecurity::enable_domains | ModSecurity | fanout | domains | - | - | 11.46
ModSecurity::has_modsecurity_installed | ModSecurity | read | - | - | - | 11.46
ModSecurity::list_domains | ModSecurity | read | - | - | - | 11.46
Mysql::add_host | Mysql | fanout | host | - | - | 11.52
Mysql::add_host_note | Mysql | fanout | host note | - | - | 11.74
Mysql::check_database | Mysql | read | name | - | - | 11.54
Mysql::create_database | Mysql | fanout | name | prefix-size | database-data unsafe-retry | 11.44
Mysql::create_user | Mysql | fanout | name password | prefix-size | unsafe-retry | 11.44
Mysql::delete_database | Mysql | fanout | name | - | database-data destructive | 11.52
Mysql::delete_host | Mysql | fanout | host | - | - | 11.52
Mysql::delete_user | Mysql | fanout | name | - | destructive | 11.52
Mysql::dump_database_schema | Mysql | read | dbname | - | - | 11.82
Mysql::get_host_notes | Mysql | read | - | - | - | 11.74
Mysql::get_privileges_on_database | Mysql | read | database user | - | - | 11.44
Mysql::get_restrictions | Mysql | read | - | - | - | 11.44
Mysql::get_server_information | Mysql | read | - | - | server-value-in-answer | 11.54
Mysql::list_databases | Mysql | read | - | - | - | 11.82
Mysql::list_routines | Mysql | read | - | database_user | - | 11.82
Mysql::list_users | Mysql | read | - | - | - | 11.82
Mysql::locate_server | Mysql | read | - | - | server-value-in-answer | 11.52
Mysql::rename_database | Mysql | fanout | newname oldname | - | database-data unsafe-retry slow | 11.44
Mysql::rename_user | Mysql | fanout | newname oldname | - | unsafe-retry | 11.44
Mysql::repair_database | Mysql | local | name | - | database-data | 11.54
Mysql::revoke_access_to_database | Mysql | fanout | database user | - | - | 11.44
Mysql::set_password | Mysql | fanout | password user | - | - | 11.44
Mysql::set_privileges_on_database | Mysql | fanout | database user | privileges | - | 11.44
Mysql::setup_db_and_user | Mysql | fanout | - | prefix | generates-secret returns-secret unsafe-retry | 11.116
Mysql::update_privileges | Mysql | fanout | - | - | - | 11.82
`;
