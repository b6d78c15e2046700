import { join } from 'node:path';
import express, { type Express } from 'express';
import { csrfGuard } from '../shared/csrf.ts';
import { openViews } from '../shared/render.ts';
import { projectRoot } from '../shared/root.ts';
import { securityHeaders } from '../shared/security.ts';
import { wireSignIn } from '../shared/sign-in.ts';
import { accountRoutes } from './accounts.ts';
import { actionRoutes } from './actions.ts';
import { auditRoutes } from './audit.ts';
import type { PortalDeps, PortalParts } from './deps.ts';
import { eventRoutes } from './events.ts';
import { masterRoutes } from './masters.ts';
import { operationRoutes } from './operations.ts';
import { nothingHere, problemPage } from './problems.ts';
import { searchRoutes } from './search.ts';
import { signInRoutes } from './sign-in.ts';
import { themeRoutes } from './theme.ts';
import { signedInOnly } from './who.ts';

/** The staff portal. Its owner listens, over TLS: the cookies are for TLS only. */
export function portal(deps: PortalDeps): Express {
  const root = projectRoot(import.meta.url);
  const parts: PortalParts = { ...deps, draw: openViews(join(root, 'views')) };
  const signIn = wireSignIn(deps.auth, deps.secret);
  const app = express();
  app.disable('x-powered-by');
  // Should the error page itself fail, express must not show a stack.
  app.set('env', 'production');
  app.set('query parser', 'simple');
  app.use(...securityHeaders());
  app.use('/assets', express.static(join(root, 'public'), { cacheControl: false, index: false }));
  app.use(...signIn.handlers);
  app.use(express.urlencoded({ extended: false, limit: '64kb' }));
  app.use(csrfGuard());
  app.use(signInRoutes(parts, signIn.passport));
  app.use(themeRoutes());
  app.use(signedInOnly());
  app.get('/', (_request, response) => response.redirect(303, '/accounts'));
  app.use(accountRoutes(parts));
  app.use(operationRoutes(parts));
  app.use(actionRoutes(parts));
  app.use(masterRoutes(parts));
  app.use(searchRoutes(parts));
  app.use(auditRoutes(parts));
  app.use(eventRoutes(parts));
  app.use(nothingHere());
  app.use(problemPage(parts));
  return app;
}
