import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { csrfGuard } from '../shared/csrf.ts';
import { openViews } from '../shared/render.ts';
import { projectRoot } from '../shared/root.ts';
import { securityHeaders } from '../shared/security.ts';
import { wireSignIn } from '../shared/sign-in.ts';
import { sayer } from '../shared/texts.ts';
import type { PortalDeps, PortalParts } from './deps.ts';
import { pageRoutes } from './guard.ts';
import { ownPages } from './pages.ts';
import { passwordLinkRoutes } from './password-link.ts';
import { nothingHere, problemPage } from './problems.ts';
import { openRemembered } from './remembered.ts';
import { signInRoutes } from './sign-in.ts';
import { english, type PortalSay } from './texts/en.ts';
import { themeRoutes } from './theme.ts';
import { signedInOnly } from './who.ts';

/**
 * The two libraries that pages load, from where they are installed: idiomorph puts a fetched part in place without
 * losing focus, choices and open folds; modern-normalize makes browsers begin alike.
 */
const vendored = ['idiomorph', 'modern-normalize'].map((name) => dirname(fileURLToPath(import.meta.resolve(name))));

/** The staff portal. Its owner listens, over TLS: the cookies are for TLS only. */
export function portal(deps: PortalDeps): Express {
  const root = projectRoot(import.meta.url);
  const all = [...ownPages(deps), ...(deps.pages ?? [])].toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
  const say: PortalSay = sayer('en', english);
  const parts: PortalParts = {
    ...deps,
    draw: openViews(join(root, 'views')),
    say,
    all,
    remembered: openRemembered(deps),
  };
  const signIn = wireSignIn(deps.auth, deps.secret);
  const app = express();
  app.disable('x-powered-by');
  // Should the error page itself fail, express must not show a stack.
  app.set('env', 'production');
  app.set('query parser', 'simple');
  app.use(...securityHeaders());
  for (const folder of vendored)
    app.use('/assets/vendor', express.static(folder, { cacheControl: false, index: false }));
  app.use('/assets', express.static(join(root, 'public'), { cacheControl: false, index: false }));
  app.use(...signIn.handlers);
  app.use(express.urlencoded({ extended: false, limit: '64kb' }));
  app.use(csrfGuard());
  app.use(signInRoutes(parts, signIn.passport));
  app.use(passwordLinkRoutes(parts));
  app.use(themeRoutes());
  app.use(signedInOnly());
  app.get('/', (_request, response) => response.redirect(303, '/accounts'));
  for (const page of all) app.use(pageRoutes(parts, page));
  app.use(nothingHere());
  app.use(problemPage(parts));
  return app;
}
