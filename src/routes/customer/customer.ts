import express, { type Express } from 'express';
import { openRemembered } from '../portal/remembered.ts';
import { csrfGuard } from '../shared/csrf.ts';
import { pageApp } from '../shared/page-app.ts';
import { openViews } from '../shared/render.ts';
import { projectRoot } from '../shared/root.ts';
import type { CustomerDeps, CustomerParts } from './deps.ts';
import { pagesOf } from './frame.ts';
import { invitationRoutes } from './invitation.ts';
import { goals } from './page.ts';
import { isUpload } from './pages/files/upload.ts';
import { boxWebmailPage, ownWebmailPage } from './pages/webmail.ts';
import { ownCustomerPages } from './pages.ts';
import { nothingHere, problemPage } from './problems.ts';
import { customerPageRoutes } from './routes.ts';
import { customerSessions } from './sessions.ts';
import { choiceRoutes, customerExtras } from './settings.ts';
import { customerSignIn } from './sign-in.ts';
import { customersOnly, whoIsThere } from './who.ts';

/** A text of 256 KiB in the editor, percent-encoded. */
const formLimit = '1mb';

/** Whether a request is for the self-service. */
export function isForCustomers(path: string): boolean {
  return path === '/my' || path.startsWith('/my/');
}

/** What the self-service and webmail share: pages in the order of the menu, and what masters have answered. */
export function customerParts(deps: CustomerDeps): CustomerParts {
  const webmail = deps.webmail === undefined ? [] : [ownWebmailPage, boxWebmailPage];
  const all = [...ownCustomerPages, ...webmail, ...(deps.pages ?? [])].toSorted(
    (a, b) => goals.indexOf(a.goal) - goals.indexOf(b.goal) || (a.order ?? 0) - (b.order ?? 0),
  );
  return { ...deps, draw: openViews(projectRoot(import.meta.url)), all, remembered: openRemembered(deps) };
}

/**
 * The self-service of customers, collaborators and mailbox users: everything below /my. Its owner listens, over TLS,
 * and gives it what `isForCustomers` says; it has a session of its own, so that staff may be signed in beside it.
 */
export function customerApp(parts: CustomerParts): Express {
  const root = projectRoot(import.meta.url);
  const app = pageApp(root);
  app.use(customerSessions(parts));
  app.use(whoIsThere(parts));
  app.use(express.urlencoded({ extended: false, limit: formLimit }));
  app.use(csrfGuard(isUpload));
  app.use(customerSignIn(parts));
  app.use(invitationRoutes(parts));
  app.use(choiceRoutes());
  app.use(customersOnly());
  app.get('/my', (request, response) => {
    const who = request.customer;
    const first = who === undefined ? undefined : goals.flatMap((goal) => pagesOf(parts, who, goal))[0];
    response.redirect(303, first?.path ?? '/my/own');
  });
  app.use(customerExtras(parts));
  for (const page of parts.all) app.use(customerPageRoutes(parts, page));
  app.use(nothingHere());
  app.use(problemPage(parts));
  return app;
}
