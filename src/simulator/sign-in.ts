/** The pages and answers around a session: /login, one-time URLs, /logout, and what nobody signed in gets. */
import { type Auth, argument, COOKIE, type Side } from './auth.ts';
import { accessDenied, type Body, codePage, loginPage } from './envelope.ts';
import type { Request } from './request.ts';
import type { Session } from './tables.ts';

function cookieOf(side: Side, session: Session): string {
  return `${COOKIE[side]}=${session.cookie}; HttpOnly; path=/; port=${side === 'whm' ? 2087 : 2083}; secure`;
}

function redirect(location: string, cookie: string): Body {
  return { status: 301, type: 'text/html', text: '', headers: { location, 'set-cookie': cookie } };
}

function login(auth: Auth, side: Side, request: Request): Body {
  const only = argument(request.args, 'login_only') === '1';
  const given = (name: string): string => argument(request.args, name) ?? '';
  const attempt = { user: given('user'), password: given('pass'), code: given('tfa_token'), address: request.address };
  const session = auth.login(side, attempt);
  if (session === 'code wanted') return codePage(attempt.user);
  if (session === 'denied') {
    const text = '{"status":0,"message":"invalid_login"}';
    return only ? { status: 401, type: 'text/plain; charset="utf-8"', text } : loginPage('invalid_login');
  }
  const target = `${session.token}${argument(request.args, 'goto_uri') ?? '/'}`;
  if (!only) return redirect(target, cookieOf(side, session));
  const text = JSON.stringify({ status: 1, redirect: target, security_token: session.token });
  return { status: 200, type: 'text/plain; charset="utf-8"', text, headers: { 'set-cookie': cookieOf(side, session) } };
}

/** /login: a form, or the one-time URL of create_user_session. */
export function signIn(auth: Auth, side: Side, request: Request): Body {
  const key = argument(request.args, 'session');
  if (key === undefined) return login(auth, side, request);
  const session = auth.redeem(request.sessionPath ?? '', key, request.address);
  return session === undefined ? loginPage('expired_session') : redirect(`${session.token}/`, cookieOf(side, session));
}

/** What comes without valid credentials: 403 on API paths, the sign-in page elsewhere. */
export function notSignedIn(request: Request): Body {
  if (/^\/(json-api|xml-api|execute)\//u.test(request.path)) return accessDenied(request.path.startsWith('/xml-api/'));
  if (request.sessionPath !== undefined) return loginPage('expired_session');
  return loginPage(request.cookie === undefined ? '' : 'token_missing');
}
