import express, { type Express } from 'express';
import { assetRoutes } from './assets.ts';
import { securityHeaders } from './security.ts';

/** What every listener of pages begins with. `root`: the project's folder, for the assets. */
export function pageApp(root: string): Express {
  const app = express();
  app.disable('x-powered-by');
  // Should the error page itself fail, express must not show a stack.
  app.set('env', 'production');
  app.set('query parser', 'simple');
  app.use(...securityHeaders());
  app.use(assetRoutes(root));
  return app;
}
