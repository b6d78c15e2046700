import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Customer } from '../../auth/customers.ts';
import { NotAllowed } from '../../errors.ts';

declare module 'express-session' {
  interface SessionData {
    csrf: string;
  }
}

declare global {
  namespace Express {
    interface Request {
      /** Who is signed in to the self-service. */
      customer?: Customer;
    }
  }
}

const cookieName = '__Host-tandem-form';
const readOnly = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The token that forms carry. Signed in: kept in the session. Before that: in a cookie of its own, so that a visitor
 * who only looks at the sign-in page costs no row in the journal; `__Host-` keeps other hosts from setting it.
 */
export function formToken(request: Request, response: Response): string {
  if (isSignedIn(request)) {
    request.session.csrf ??= randomBytes(24).toString('base64url');
    return request.session.csrf;
  }
  const known = cookieOf(request);
  if (known !== undefined) return known;
  const fresh = randomBytes(24).toString('base64url');
  response.cookie(cookieName, fresh, { secure: true, httpOnly: true, sameSite: 'strict', path: '/' });
  return fresh;
}

/**
 * Refuses every write that does not carry the token or that a browser says comes from another site. What `ownBody` names
 * reads its body itself and must call mustCarryToken before it does anything.
 */
export function csrfGuard(ownBody: (request: Request) => boolean = () => false): RequestHandler {
  return (request, _response, next) => {
    if (readOnly.has(request.method)) return next();
    if (isForeign(request)) throw new NotAllowed('problem.foreign');
    if (!ownBody(request)) mustCarryToken(request, request.body?.['csrf']);
    next();
  };
}

/** Throws NotAllowed unless the token that came with a form is the visitor's own. */
export function mustCarryToken(request: Request, given: unknown): void {
  const expected = isSignedIn(request) ? request.session.csrf : cookieOf(request);
  if (expected !== undefined && typeof given === 'string' && isEqual(given, expected)) return;
  throw new NotAllowed('problem.form');
}

/** By either sign-in: staff's, or the customers', which has no passport. */
function isSignedIn(request: Request): boolean {
  return request.customer !== undefined || request.isAuthenticated?.() === true;
}

/** By what browsers themselves say; a client that says nothing still needs the token. */
export function isForeign(request: Request): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = request.get('origin');
  return origin !== undefined && origin !== `https://${request.get('host') ?? ''}`;
}

function cookieOf(request: Request): string | undefined {
  const pairs = (request.get('cookie') ?? '').split(/;\s*/);
  const found = pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
  return found !== undefined && /^[\w-]{32}$/.test(found) ? found : undefined;
}

function isEqual(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
