import express, { type Express } from 'express';
import { csrfGuard } from '../shared/csrf.ts';
import { pageApp } from '../shared/page-app.ts';
import { openViews } from '../shared/render.ts';
import { projectRoot } from '../shared/root.ts';
import { wireSignIn } from '../shared/sign-in.ts';
import { sayer } from '../shared/texts.ts';
import type { PortalDeps, PortalParts } from './deps.ts';
import { forgottenRoutes } from './forgotten.ts';
import { pageRoutes } from './guard.ts';
import { ownPages } from './pages.ts';
import { passwordLinkRoutes } from './password-link.ts';
import { nothingHere, problemPage } from './problems.ts';
import { rateLimits } from './rates.ts';
import { openRemembered } from './remembered.ts';
import { secondFactorFirst } from './second-factor-first.ts';
import { signInRoutes } from './sign-in.ts';
import { english, type PortalSay } from './texts/en.ts';
import { themeRoutes } from './theme.ts';
import { signedInOnly } from './who.ts';

/** The staff portal. Its owner listens, over TLS: the cookies are for TLS only. */
export function portal(deps: PortalDeps): Express {
  const root = projectRoot(import.meta.url);
  const all = [...ownPages(deps), ...(deps.pages ?? [])].toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
  const say: PortalSay = sayer('en', english);
  const views = openViews(root);
  const parts: PortalParts = {
    ...deps,
    draw: (page, model) => views(page, { say, ...model }),
    say,
    all,
    remembered: openRemembered(deps),
  };
  const signIn = wireSignIn(deps.auth, deps.secret);
  const app = pageApp(root);
  app.use(...signIn.handlers);
  app.use(...rateLimits(deps.rates));
  app.use(express.urlencoded({ extended: false, limit: '64kb' }));
  app.use(csrfGuard());
  app.use(signInRoutes(parts, signIn.passport));
  app.use(passwordLinkRoutes(parts));
  if (deps.mail !== undefined) app.use(forgottenRoutes(parts, deps.mail));
  app.use(themeRoutes());
  app.use(signedInOnly());
  if (deps.requireSecondFactor === true) app.use(secondFactorFirst(parts));
  app.get('/', (_request, response) => response.redirect(303, '/accounts'));
  for (const page of all) app.use(pageRoutes(parts, page));
  app.use(nothingHere(parts));
  app.use(problemPage(parts));
  return app;
}
