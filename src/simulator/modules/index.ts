import type { Module } from '../handler.ts';
import { accountChange } from './account-change.ts';
import { accountContact } from './account-contact.ts';
import { accountInfo } from './account-info.ts';
import { accountLife } from './account-life.ts';
import { accountLists } from './account-lists.ts';
import { accountMore } from './account-more.ts';
import { aclFunctions } from './acl-lists.ts';
import { apiTokens } from './api-tokens.ts';
import { archives } from './archives.ts';
import { autossl } from './autossl.ts';
import { backup } from './backups.ts';
import { cpanelTokens } from './cpanel-tokens.ts';
import { cron } from './cron.ts';
import { directoryPrivacy } from './directory-privacy.ts';
import { dkim } from './dkim.ts';
import { dns } from './dns.ts';
import { dnsSwap } from './dns-swap.ts';
import { domainsModule } from './domains.ts';
import { featureListFunctions } from './feature-lists.ts';
import { fileman } from './fileman.ts';
import { ftp } from './ftp.ts';
import { htaccess } from './htaccess.ts';
import { langPhp } from './lang-php.ts';
import { mail } from './mail.ts';
import { mailDelivery } from './mail-delivery.ts';
import { mailFilterFunctions } from './mail-filters.ts';
import { mailFlags } from './mail-flags.ts';
import { mailingListFunctions } from './mailing-lists.ts';
import { mysql } from './mysql.ts';
import { packageFunctions } from './packages.ts';
import { personalization } from './personalization.ts';
import { postgres } from './postgres.ts';
import { protection } from './protection.ts';
import { resellerAddresses } from './reseller-addresses.ts';
import { resellerFunctions } from './resellers.ts';
import { serverInfo } from './server-info.ts';
import { siteLogs } from './site-logs.ts';
import { spam } from './spam.ts';
import { ssl } from './ssl.ts';
import { sslRedirect } from './ssl-redirect.ts';
import { userSessions } from './user-sessions.ts';

/** Every module, in the order in which their hooks run. */
export const modules: readonly Module[] = [
  accountChange,
  accountContact,
  accountInfo,
  accountLife,
  accountLists,
  accountMore,
  aclFunctions,
  apiTokens,
  featureListFunctions,
  packageFunctions,
  personalization,
  resellerFunctions,
  serverInfo,
  userSessions,
  domainsModule,
  dns,
  dkim,
  mail,
  mysql,
  postgres,
  ftp,
  archives,
  autossl,
  backup,
  cpanelTokens,
  cron,
  dnsSwap,
  mailDelivery,
  mailFilterFunctions,
  mailFlags,
  mailingListFunctions,
  resellerAddresses,
  spam,
  protection,
  ssl,
  sslRedirect,
  fileman,
  htaccess,
  directoryPrivacy,
  langPhp,
  siteLogs,
];
