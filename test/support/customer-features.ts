import { lessUsed } from './customer-features-more.ts';

/** What the table in docs/customers.md is made from. */
export interface Feature {
  readonly tier: 1 | 2 | 3;
  readonly feature: string;
  /** What cPanel calls the page. */
  readonly there: string;
  /** Path of the page here; undefined: not offered. */
  readonly page?: string;
  /** Ids of actions, and functions of UAPI, API 2 ('Module::function') or WHM that it stands on. */
  readonly by: readonly string[];
  /** What is different here, or why it is not offered. */
  readonly differs: string;
}

/** Tiers 1 to 3 of what customers use cPanel for, most used first. */
export const features: readonly Feature[] = [
  {
    tier: 1,
    feature: 'Mailboxes',
    there: 'Email Accounts',
    page: '/my/mail/boxes',
    by: [
      'mailbox.add',
      'mailbox.password',
      'mailbox.quota',
      'mailbox.access',
      'mailbox.delete',
      'Email::list_pops_with_disk',
    ],
    differs: 'Each says which copy has it.',
  },
  {
    tier: 1,
    feature: 'Webmail',
    there: 'Webmail',
    page: '/my/mailbox/webmail',
    by: ['Email::list_pops'],
    differs: 'Roundcube here, on the active server’s mail; one sign-in, and no password is kept.',
  },
  {
    tier: 1,
    feature: 'Mail program settings',
    there: 'Connect Devices',
    page: '/my/mail/clients',
    by: [],
    differs: 'Names that follow the account; never a server’s own.',
  },
  {
    tier: 1,
    feature: 'Domains',
    there: 'Domains',
    page: '/my/domains/list',
    by: [
      'domain.add-addon',
      'domain.add-alias',
      'domain.add-sub',
      'domain.remove-addon',
      'domain.remove-alias',
      'domain.remove-sub',
      'DomainInfo::list_domains',
    ],
    differs: 'One DKIM key for all servers.',
  },
  {
    tier: 1,
    feature: 'DNS records',
    there: 'Zone Editor',
    page: '/my/domains/zones',
    by: ['dns.edit-zone', 'parse_dns_zone'],
    differs: 'The difference first; back to what was; records that follow the site are locked.',
  },
  {
    tier: 1,
    feature: 'My server',
    there: '–',
    page: '/my/overview/server',
    by: ['parse_dns_zone'],
    differs: 'cPanel has none: names of one server, and the preferred one.',
  },
  {
    tier: 1,
    feature: 'MySQL databases',
    there: 'MySQL Databases',
    page: '/my/databases',
    by: [
      'database.add',
      'database.delete',
      'database-user.add',
      'database-user.password',
      'database-user.delete',
      'database-user.grant',
      'database-user.revoke',
    ],
    differs: 'Data follows by replication. No renaming, no repair, nothing from outside: said on “Not offered”.',
  },
  {
    tier: 1,
    feature: 'phpMyAdmin',
    there: 'phpMyAdmin',
    page: '/my/databases',
    by: ['create_user_session'],
    differs: 'On the active server, under the account’s own domain; for the owner.',
  },
  {
    tier: 1,
    feature: 'phpPgAdmin',
    there: 'phpPgAdmin',
    page: '/my/websites/other',
    by: [],
    differs:
      'Not offered, and said so where PostgreSQL is: nothing opens it from outside of cPanel. Adminer is named instead.',
  },
  {
    tier: 1,
    feature: 'Certificates',
    there: 'SSL/TLS Status',
    page: '/my/websites',
    by: [
      ...['certificate.install', 'certificate.check', 'https.force'],
      ...['SSL::installed_hosts', 'SSL::get_autossl_problems'],
    ],
    differs: 'Made once, copied to every server. AutoSSL’s problems are shown. No signing requests, no exclusions.',
  },
  {
    tier: 1,
    feature: 'Passwords, second factor',
    there: 'Password & Security',
    page: '/my/own',
    by: ['account.password'],
    differs: 'The second factor is of this sign-in.',
  },
  {
    tier: 1,
    feature: 'Contact address',
    there: 'Contact Information',
    page: '/my/overview',
    by: ['account.contact'],
    differs: '',
  },
  { tier: 1, feature: 'Usage', there: 'Statistics', page: '/my/overview', by: ['StatsBar::get_stats'], differs: '' },
  {
    tier: 1,
    feature: 'Files',
    there: 'File Manager',
    page: '/my/files',
    by: ['Fileman::list_files', 'Fileman::save_file_content'],
    differs: 'Through the active server; the copies follow.',
  },
  {
    tier: 1,
    feature: 'FTP accounts',
    there: 'FTP Accounts',
    page: '/my/access/ftp',
    by: ['ftp.add', 'ftp.password', 'ftp.quota', 'ftp.delete'],
    differs: '',
  },
  {
    tier: 1,
    feature: 'Backups',
    there: 'Backup',
    page: '/my/backups',
    by: ['Backup::fullbackup_to_homedir', 'Backup::list_backups'],
    differs: 'File sync rests while files are restored.',
  },
  {
    tier: 1,
    feature: 'Forwarders',
    there: 'Forwarders',
    page: '/my/mail/forwarders',
    by: ['forwarder.add', 'forwarder.delete', 'Email::list_forwarders'],
    differs: 'Of addresses; a whole domain’s mail by its default address.',
  },
  {
    tier: 1,
    feature: 'Default address',
    there: 'Default Address',
    page: '/my/mail/routing',
    by: ['default-address.set', 'Email::list_default_address'],
    differs: '',
  },
  {
    tier: 1,
    feature: 'Mail routing',
    there: 'Email Routing',
    page: '/my/mail/routing',
    by: ['mail-routing.set', 'Email::list_mxs'],
    differs: 'The same on every server, so that a copy sends no mail away.',
  },
  {
    tier: 1,
    feature: 'DKIM, SPF, DMARC, reverse DNS',
    there: 'Email Deliverability',
    page: '/my/mail/authentication',
    by: [
      ...['dkim.install', 'spf.install'],
      ...['dkims', 'spfs', 'dmarcs', 'ptrs'].map((kind) => `validate_current_${kind}`),
    ],
    differs: 'SPF names every server. DMARC is a record: its page says which. Reverse DNS is shown; the host keeps it.',
  },
  ...lessUsed,
];
