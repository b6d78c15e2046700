import type { Request, RequestHandler } from 'express';
import passportModule from 'passport';
import { Strategy } from 'passport-local';
import type { Auth } from '../../auth/auth.ts';
import type { Person, SignIn } from '../../auth/people.ts';
import { keptSession } from './kept-session.ts';

declare global {
  namespace Express {
    interface User extends Person {}
  }
}

/** A right password whose code is still to come. */
export interface Pending {
  readonly name: string;
  readonly next: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

declare module 'express-session' {
  interface SessionData {
    pending?: Pending;
    /** When the person last proved who it is: at sign-in or at a step up. */
    sureAt?: number;
    /** The customer whose page is seen as that customer, and why. */
    as?: { readonly account: string; readonly reason: string };
  }
}

const idleMs = 8 * 60 * 60_000;

export interface SignInParts {
  /** Session and the person in it, for every request. */
  readonly handlers: readonly RequestHandler[];
  readonly passport: InstanceType<typeof passportModule.Authenticator>;
}

/** Wires express-session and passport to auth. The session holds the person's name only; the role is read each time. */
export function wireSignIn(auth: Auth, secret: string): SignInParts {
  const passport = new passportModule.Authenticator();
  passport.use(strategy(auth));
  passport.serializeUser((user, done) => done(null, user.name));
  passport.deserializeUser((request: Request, name: string, done: (error: unknown, user?: Person | false) => void) => {
    // A session that was ended meanwhile is nobody's, even where a request under way wrote it anew.
    Promise.all([auth.sessionIsOf(request.sessionID, name), auth.person(name)]).then(
      ([isOpen, found]) => done(null, isOpen && found !== undefined ? found : false),
      done,
    );
  });
  const sessions = keptSession({
    name: '__Host-tandem',
    secret,
    store: auth.sessions,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { secure: true, httpOnly: true, sameSite: 'lax', path: '/', maxAge: idleMs },
  });
  return { handlers: [sessions, passport.session()], passport };
}

/** Wrong and too-many are told apart by `info`, never by whether the name exists. */
function strategy(auth: Auth): Strategy {
  return new Strategy({ usernameField: 'name', passReqToCallback: true }, (request, name, password, done) => {
    auth.signIn({ name, password, address: request.ip ?? '' }).then((result) => {
      if (result.kind === 'in') done(null, result.person);
      // passport-local asks for a message; the words are made where it is known who reads them.
      else done(null, false, { message: '', ...infoOf(result) });
    }, done);
  });
}

/** Why nobody came in: whose code is asked for next, how many seconds to wait, or neither: a wrong name or password. */
export interface NotIn {
  readonly codeOf?: string;
  readonly wait?: number;
}

function infoOf(result: Exclude<SignIn, { kind: 'in' }>): NotIn {
  if (result.kind === 'code') return { codeOf: result.name };
  return result.kind === 'wait' ? { wait: result.seconds } : {};
}
