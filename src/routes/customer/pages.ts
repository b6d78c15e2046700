import type { CustomerPage } from './page.ts';
import { activityPage } from './pages/activity.ts';
import { backupsPage } from './pages/backups.ts';
import { databasesPage, postgresPage } from './pages/databases/list.ts';
import {
  databaseUserListPage,
  databaseUsersPage,
  postgresUserListPage,
  postgresUsersPage,
} from './pages/databases/users.ts';
import { domainsPage } from './pages/domains/list.ts';
import { zonesPage } from './pages/domains/zones.ts';
import { filesPage } from './pages/files/page.ts';
import { ftpPage } from './pages/ftp.ts';
import { authenticationPage } from './pages/mail/authentication.ts';
import { autorespondersPage } from './pages/mail/autoresponders.ts';
import { boxesPage } from './pages/mail/boxes.ts';
import { clientsPage } from './pages/mail/clients.ts';
import { deliveryPage } from './pages/mail/delivery.ts';
import { filtersPage } from './pages/mail/filters.ts';
import { forwardersPage } from './pages/mail/forwarders.ts';
import { routingPage } from './pages/mail/routing.ts';
import { spamPage } from './pages/mail/spam.ts';
import { mailboxPages } from './pages/mailbox/pages.ts';
import { overviewPage } from './pages/overview.ts';
import { ownPage } from './pages/own.ts';
import { peoplePage } from './pages/people.ts';
import { serverPage } from './pages/server.ts';
import { errorsPage, visitorsPage } from './pages/statistics/logs.ts';
import { usagePage } from './pages/statistics/usage.ts';
import { tokensPage } from './pages/tokens.ts';
import { cronPage } from './pages/websites/cron.ts';
import { blockedPage, privacyPage } from './pages/websites/guard.ts';
import { notOfferedPage } from './pages/websites/not-offered.ts';
import { redirectsPage } from './pages/websites/redirects.ts';
import { sitesPage } from './pages/websites/sites.ts';

/** Tandem's own pages of the self-service. One more is one file and one line here. */
export const ownCustomerPages: readonly CustomerPage[] = [
  overviewPage,
  serverPage,
  boxesPage,
  forwardersPage,
  autorespondersPage,
  filtersPage,
  routingPage,
  spamPage,
  authenticationPage,
  clientsPage,
  deliveryPage,
  domainsPage,
  zonesPage,
  filesPage,
  databasesPage,
  databaseUserListPage,
  databaseUsersPage,
  sitesPage,
  cronPage,
  redirectsPage,
  privacyPage,
  blockedPage,
  notOfferedPage,
  usagePage,
  errorsPage,
  visitorsPage,
  backupsPage,
  ftpPage,
  tokensPage,
  activityPage,
  peoplePage,
  ownPage,
  ...mailboxPages,
];

/** Where both masters' PostgreSQL is looked after: elsewhere nobody would carry what customers put into it. */
export const postgresPages: readonly CustomerPage[] = [postgresPage, postgresUserListPage, postgresUsersPage];
