/** name | category | kind | required | optional | flags | since; '-' stands for none, a trailing '*' for any ending. */
export const uapiAD = `
AccountEnhancements::has_enhancement | AccountEnhancements | read | id | - | - | 11.98
AccountEnhancements::list | AccountEnhancements | read | - | - | - | 11.98
ActiveSessions::list_active_sessions | ActiveSessions | read | - | - | - | 11.138
AddonDomain::addaddondomain | AddonDomain | fanout | newdomain subdomain | dir disallowdot force | unsafe-retry slow | 11.138
AddonDomain::deladdondomain | AddonDomain | fanout | domain subdomain | disallowdot | destructive | 11.138
AddonDomain::listaddondomains | AddonDomain | read | - | regex return_https_redirect_status | - | 11.138
Backup::fullbackup_to_ftp | Backup | local | host password username | directory email homedir port variant | async outbound unsafe-retry | 11.78
Backup::fullbackup_to_homedir | Backup | local | - | email homedir | async unsafe-retry | 11.78
Backup::fullbackup_to_scp_with_key | Backup | local | host key_name key_passphrase | directory email homedir port | async outbound unsafe-retry | 11.78
Backup::fullbackup_to_scp_with_password | Backup | local | host password username | directory email homedir port | async outbound unsafe-retry | 11.78
Backup::list_backups | Backup | read | - | - | - | 11.42
Backup::restore_databases | Backup | local | - | backup timeout verbose file | async database-data destructive | 11.84
Backup::restore_email_filters | Backup | local | - | backup timeout verbose | async | 11.86
Backup::restore_email_forwarders | Backup | local | - | backup timeout verbose | async | 11.86
Backup::restore_files | Backup | local | - | backup directory timeout verbose | async home-files destructive | 11.86
BackupInfo::list | BackupInfo | read | - | - | - | 11.136
BackupInfo::progress | BackupInfo | read | - | - | - | 11.136
BackupInfo::reset | BackupInfo | local | - | - | - | 11.136
Bandwidth::get_enabled_protocols | Bandwidth | read | - | - | - | 11.76
Bandwidth::get_retention_periods | Bandwidth | read | - | - | - | 11.52
Bandwidth::query | Bandwidth | read | grouping | domains end interval protocols start timezone | - | 11.52
Batch::strict | Batch | fanout | command | - | unsafe-retry container | 11.54
BlockIP::add_ip | BlockIP | fanout | ip | - | home-files | 11.82
BlockIP::remove_ip | BlockIP | fanout | ip | - | home-files | 11.82
BoxTrapper::blacklist_messages | BoxTrapper | local | email queuefile | - | mail-store | 11.82
BoxTrapper::delete_messages | BoxTrapper | local | email queuefile | all_like | mail-store | 11.82
BoxTrapper::deliver_messages | BoxTrapper | local | email queuefile | all_like | mail-store | 11.82
BoxTrapper::get_allowlist | BoxTrapper | read | email | - | - | 11.94
BoxTrapper::get_blocklist | BoxTrapper | read | email | - | - | 11.94
BoxTrapper::get_configuration | BoxTrapper | read | email | - | - | 11.82
BoxTrapper::get_email_template | BoxTrapper | read | email template | - | - | 11.84
BoxTrapper::get_forwarders | BoxTrapper | read | email | - | - | 11.86
BoxTrapper::get_ignorelist | BoxTrapper | read | email | - | - | 11.94
BoxTrapper::get_log | BoxTrapper | read | email | date | - | 11.82
BoxTrapper::get_message | BoxTrapper | read | email queuefile | - | - | 11.82
BoxTrapper::get_status | BoxTrapper | read | email | - | - | 11.82
BoxTrapper::ignore_messages | BoxTrapper | local | email queuefile | - | mail-store | 11.82
BoxTrapper::list_email_templates | BoxTrapper | read | - | - | - | 11.84
BoxTrapper::list_queued_messages | BoxTrapper | read | email | date | - | 11.82
BoxTrapper::process_messages | BoxTrapper | local | action queuefile | email | mail-store | 11.82
BoxTrapper::reset_email_template | BoxTrapper | fanout | template | email | - | 11.84
BoxTrapper::save_configuration | BoxTrapper | fanout | email enable_auto_whitelist from_addresses queue_days whitelist_by_association | from_name spam_score | - | 11.82
BoxTrapper::save_email_template | BoxTrapper | fanout | contents email template | - | - | 11.84
BoxTrapper::set_allowlist | BoxTrapper | fanout | email rules | - | - | 11.94
BoxTrapper::set_blocklist | BoxTrapper | fanout | email rules | - | - | 11.94
BoxTrapper::set_forwarders | BoxTrapper | fanout | email forwarder | - | - | 11.86
BoxTrapper::set_ignorelist | BoxTrapper | fanout | email rules | - | - | 11.94
BoxTrapper::set_status | BoxTrapper | fanout | email enabled | - | - | 11.82
BoxTrapper::whitelist_messages | BoxTrapper | local | queuefile | email | mail-store | 11.82
Branding::get_application_information | Branding | read | app_key | - | - | 11.42
Branding::get_applications | Branding | read | - | app_keys | - | 11.52
Branding::get_available_applications | Branding | read | - | nvarglist | - | 11.54
Branding::get_information_for_applications | Branding | read | docroot | app_keys | - | 11.52
Branding::include | Branding | read | file | data raw skip_default | - | 11.42
CCS::add_delegate | CCS | fanout | delegatee delegator | readonly | - | 11.90
CCS::list_delegates | CCS | read | - | - | - | 11.90
CCS::list_users | CCS | read | - | - | - | 11.90
CCS::remove_delegate | CCS | fanout | delegatee delegator | - | - | 11.90
CCS::update_delegate | CCS | fanout | delegatee delegator | readonly | - | 11.90
CPDAVD::add_delegate | CPDAVD | fanout | calendar delegatee delegator | readonly | - | 11.120
CPDAVD::list_delegates | CPDAVD | read | - | - | - | 11.120
CPDAVD::list_users | CPDAVD | read | - | - | - | 11.120
CPDAVD::manage_collection | CPDAVD | fanout | account action collection_type path | calendar-color description name | - | 11.120
CPDAVD::remove_delegate | CPDAVD | fanout | calendar delegatee delegator | - | - | 11.120
CPDAVD::update_delegate | CPDAVD | fanout | calendar delegatee delegator | readonly | - | 11.120
CSVImport::doimport | CSVImport | fanout | domain id type | - | home-files | 11.94
CacheBuster::read | CacheBuster | read | - | - | - | 11.46
CacheBuster::update | CacheBuster | local | - | - | - | 11.46
Chkservd::get_exim_ports | Chkservd | read | - | - | - | 11.42
Chkservd::get_exim_ports_ssl | Chkservd | read | - | - | - | 11.42
Chrome::get_dom | Chrome | read | page_title | - | outbound | 11.42
ClamScanner::check_disinfection_status | ClamScanner | read | - | last_id | - | 11.94
ClamScanner::disinfect_files | ClamScanner | dangerous | - | actions | async | 11.94
ClamScanner::get_scan_paths | ClamScanner | read | - | - | - | 11.94
ClamScanner::get_scan_status | ClamScanner | read | - | - | - | 11.94
ClamScanner::list_infected_files | ClamScanner | read | - | - | - | 11.94
ClamScanner::start_scan | ClamScanner | local | scan_type | - | async | 11.94
ContactInformation::get_notification_preferences | ContactInformation | read | - | - | - | -
ContactInformation::get_pushbullet_access_token | ContactInformation | read | - | - | returns-secret | 11.130
ContactInformation::set_email_addresses | ContactInformation | fanout | address old_address password | - | - | 11.102
ContactInformation::set_notification_preferences | ContactInformation | fanout | - | - | - | -
ContactInformation::set_pushbullet_access_token | ContactInformation | fanout | pushbullet_access_token | - | - | 11.130
ContactInformation::unset_email_addresses | ContactInformation | fanout | old_address password | - | - | 11.102
Contactus::is_enabled | Contactus | read | - | - | - | 11.42
DAV::disable_shared_global_addressbook | DAV | fanout | - | name | - | 11.54
DAV::enable_shared_global_addressbook | DAV | fanout | - | name | - | 11.54
DAV::get_calendar_contacts_config | DAV | read | - | user | - | 11.50
DAV::has_shared_global_addressbook | DAV | read | - | name | - | 11.54
DAV::is_dav_service_enabled | DAV | read | - | - | - | 11.50
DAV::is_horde_enabled | DAV | read | - | - | - | 11.50
DCV::check_domains_via_dns | DCV | read | domain | - | outbound slow | 11.74
DCV::check_domains_via_http | DCV | read | domain | dcv_file_allowed_characters dcv_file_extension dcv_file_random_character_count dcv_file_relative_path dcv_max_redirects dcv_user_agent_string | outbound slow | 11.60
DCV::ensure_domains_can_pass_dcv | DCV | read | domain | - | deprecated | 11.56
DNS::ensure_domains_reside_only_locally | DNS | read | domain | - | outbound slow | 11.56
DNS::fetch_cpanel_generated_domains | DNS | read | domain | - | - | 11.120
DNS::has_local_authority | DNS | read | domain | - | outbound | 11.78
DNS::is_alias_available | DNS | read | - | - | - | 11.122
DNS::is_https_available | DNS | read | - | - | - | 11.122
DNS::is_svcb_available | DNS | read | - | - | - | 11.122
DNS::lookup | DNS | read | domain | - | outbound | 11.90
DNS::mass_edit_zone | DNS | fanout | serial zone | add edit remove | server-value-in-answer server-value-in-params unsafe-retry | 11.96
DNS::parse_zone | DNS | read | zone | - | server-value-in-answer | 11.96
DNS::swap_ip_in_zones | DNS | fanout | dest_ip domain | ftp_ip source_ip | server-value-in-params unsafe-retry | 11.96
DNSSEC::activate_zone_key | DNSSEC | fanout | domain key_id | - | server-value-in-params | 11.84
DNSSEC::add_zone_key | DNSSEC | fanout | algo_num domain key_type | active key_size | generates-secret unsafe-retry | 11.84
DNSSEC::deactivate_zone_key | DNSSEC | fanout | domain key_id | - | server-value-in-params | 11.84
DNSSEC::disable_dnssec | DNSSEC | fanout | domain | - | destructive | 11.60
DNSSEC::enable_dnssec | DNSSEC | fanout | domain | active algo_num key_setup nsec3_iterations nsec3_narrow nsec3_opt_out nsec3_salt use_nsec3 | generates-secret | 11.60
DNSSEC::export_zone_dnskey | DNSSEC | read | domain key_id | - | - | 11.88
DNSSEC::export_zone_key | DNSSEC | read | domain key_id | - | home-files returns-secret | 11.84
DNSSEC::fetch_ds_records | DNSSEC | read | domain | - | - | 11.82
DNSSEC::import_zone_key | DNSSEC | fanout | domain key_data key_type | - | - | 11.84
DNSSEC::remove_zone_key | DNSSEC | fanout | domain key_id | - | server-value-in-params destructive | 11.84
DNSSEC::set_nsec3 | DNSSEC | fanout | domain nsec3_iterations nsec3_narrow nsec3_opt_out nsec3_salt | - | - | 11.60
DNSSEC::unset_nsec3 | DNSSEC | fanout | domain | - | - | 11.60
DirectoryIndexes::get_indexing | DirectoryIndexes | read | dir | - | - | 11.88
DirectoryIndexes::list_directories | DirectoryIndexes | read | dir | - | - | 11.88
DirectoryIndexes::set_indexing | DirectoryIndexes | fanout | dir type | - | home-files | 11.88
DirectoryPrivacy::add_user | DirectoryPrivacy | fanout | dir password user | - | home-files | 11.88
DirectoryPrivacy::configure_directory_protection | DirectoryPrivacy | fanout | authname dir enabled | - | home-files | 11.88
DirectoryPrivacy::delete_user | DirectoryPrivacy | fanout | dir user | - | home-files | 11.88
DirectoryPrivacy::is_directory_protected | DirectoryPrivacy | read | dir | - | - | 11.88
DirectoryPrivacy::list_directories | DirectoryPrivacy | read | dir | - | - | 11.88
DirectoryPrivacy::list_users | DirectoryPrivacy | read | dir | - | - | 11.88
DirectoryProtection::list_directories | DirectoryProtection | read | dir | - | - | 11.88
Domain::convert_temporary_to_registered | Domain | fanout | domain registered | docroot | unsafe-retry slow | 11.130
Domain::is_temporary_domain | Domain | read | domain | - | - | 11.130
Domain::rename_domain | Domain | fanout | domain new_domain | docroot | unsafe-retry slow | 11.138
Domain::temporary_domain_is_disabled | Domain | read | - | - | - | 11.138
DomainInfo::domains_data | DomainInfo | read | - | format return_https_redirects_status hide_temporary_domains | server-value-in-answer | 11.42
DomainInfo::list_domains | DomainInfo | read | - | hide_temporary_domains | - | 11.42
DomainInfo::main_domain_builtin_subdomain_aliases | DomainInfo | read | - | hide_temporary_domains | - | 11.42
DomainInfo::primary_domain | DomainInfo | read | - | hide_temporary_domains | - | 11.42
DomainInfo::single_domain_data | DomainInfo | read | domain | return_https_redirect_status hide_temporary_domains | server-value-in-answer | 11.42
DomainLookup::countbasedomains | DomainLookup | read | - | - | - | 11.138
DomainLookup::getbasedomains | DomainLookup | read | - | return_temporary_domain | - | 11.138
DomainLookup::getdocroot | DomainLookup | read | - | domain | - | 11.138
DomainLookup::getdocroots | DomainLookup | read | - | - | - | 11.138
DomainRecommendations::domain_availability | DomainRecommendations | read | domain | use_cache | outbound | 11.134
DomainRecommendations::domain_suggestions | DomainRecommendations | read | search_field | page page_size use_cache | outbound | 11.134
DomainRecommendations::get_store_config | DomainRecommendations | read | - | - | - | 11.134
DomainRecommendations::is_enabled | DomainRecommendations | read | - | - | - | 11.134
DomainRecommendations::purchase_domain | DomainRecommendations | read | domain period | - | unsafe-retry | 11.138
DomainRecommendations::supported_tlds | DomainRecommendations | read | - | use_cache | - | 11.138
DynamicDNS::create | DynamicDNS | fanout | domain | description | generates-secret returns-secret server-value-in-answer unsafe-retry | 11.82
DynamicDNS::delete | DynamicDNS | fanout | id | - | server-value-in-params | 11.82
DynamicDNS::list | DynamicDNS | read | - | - | returns-secret | 11.82
DynamicDNS::recreate | DynamicDNS | fanout | id | - | generates-secret returns-secret server-value-in-params unsafe-retry | 11.82
DynamicDNS::set_description | DynamicDNS | fanout | description id | - | server-value-in-params | 11.82
cPAddons::get_available_addons | cPAddons | read | - | - | - | -
cPAddons::get_instance_settings | cPAddons | read | unique_id | - | - | -
cPAddons::list_addon_instances | cPAddons | read | - | addon | - | -
cPGreyList::disable_all_domains | cPGreyList | fanout | - | - | - | 11.50
cPGreyList::disable_domains | cPGreyList | fanout | domains | - | - | 11.50
cPGreyList::enable_all_domains | cPGreyList | fanout | - | - | - | 11.50
cPGreyList::enable_domains | cPGreyList | fanout | domains | - | - | 11.50
cPGreyList::has_greylisting_enabled | cPGreyList | read | - | - | - | 11.50
cPGreyList::list_domains | cPGreyList | read | - | - | - | 11.50
`;
