import type { Router } from 'express';
import type { Right } from '../../auth/roles.ts';
import { accountRoutes } from './accounts.ts';
import { actionRoutes } from './actions.ts';
import { auditRoutes } from './audit.ts';
import type { PortalDeps, PortalParts } from './deps.ts';
import { eventRoutes } from './events.ts';
import { masterRoutes } from './masters.ts';
import { operationRoutes } from './operations.ts';
import type { PortalPage } from './page.ts';
import { brandPage } from './pages/brand.ts';
import { functionsPage } from './pages/functions.ts';
import { mePage } from './pages/me.ts';
import { packagesPage } from './pages/packages.ts';
import { peoplePage } from './pages/people.ts';
import { resellersPage } from './pages/resellers.ts';
import { settingsPage } from './pages/settings.ts';
import { tokensPage } from './pages/tokens.ts';
import { zonesPage } from './pages/zones.ts';
import { count } from './present/accounts.ts';
import { searchRoutes } from './search.ts';
import type { PortalKey } from './texts/en.ts';

/** Tandem's own pages. One more is one file and one line here. */
export function ownPages(deps: PortalDeps): readonly PortalPage[] {
  const page = (
    path: string,
    title: PortalKey,
    order: number | undefined,
    needs: Right | 'signed-in',
    routes: (parts: PortalParts) => Router,
  ): PortalPage => ({ path, title, needs, routes, ...(order === undefined ? {} : { order }) });
  return [
    page('/accounts', 'menu.accounts', 10, 'signed-in', accountRoutes),
    { ...page('/operations', 'menu.operations', 20, 'signed-in', operationRoutes), badge: () => openOperations(deps) },
    page('/actions', 'menu.actions', 30, 'signed-in', actionRoutes),
    packagesPage,
    resellersPage,
    zonesPage,
    page('/masters', 'menu.masters', 70, 'see-staff', masterRoutes),
    page('/audit', 'menu.audit', 100, 'audit', auditRoutes),
    settingsPage,
    brandPage,
    page('/search', 'menu.search', undefined, 'signed-in', searchRoutes),
    page('/events', 'menu.events', undefined, 'signed-in', eventRoutes),
    mePage,
    peoplePage,
    tokensPage,
    functionsPage,
  ];
}

async function openOperations(deps: PortalDeps): Promise<string> {
  const { open } = await deps.reads.status();
  return open === 0 ? '' : count(open);
}
