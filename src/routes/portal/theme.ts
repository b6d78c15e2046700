import { Router } from 'express';
import { safeNext } from './sign-in.ts';

const yearMs = 365 * 24 * 60 * 60_000;
const themes = new Set(['light', 'dark', 'system']);

/** Light, dark, or as the system has it; kept in the browser. */
export function themeRoutes(): Router {
  const router = Router();
  router.post('/theme', (request, response) => {
    const theme = String(request.body['theme']);
    if (themes.has(theme)) {
      response.cookie('tandem-theme', theme, { secure: true, httpOnly: true, sameSite: 'lax', maxAge: yearMs });
    }
    response.redirect(303, safeNext(request.body['next']));
  });
  return router;
}
