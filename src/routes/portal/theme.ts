import { type Request, type Response, Router } from 'express';
import { safeNext } from './sign-in.ts';

const yearMs = 365 * 24 * 60 * 60_000;
const themes = new Set(['light', 'dark', 'system']);

/** Light, dark, or as the system has it; kept in the browser. */
export function themeRoutes(): Router {
  const router = Router();
  router.post('/theme', (request, response) => {
    themeCookie(request, response);
    response.redirect(303, safeNext(request.body['next']));
  });
  return router;
}

/** Keeps the theme that a form names; any other word changes nothing. */
export function themeCookie(request: Request, response: Response): void {
  const theme = String(request.body['theme']);
  if (!themes.has(theme)) return;
  response.cookie('tandem-theme', theme, { secure: true, httpOnly: true, sameSite: 'lax', maxAge: yearMs });
}
