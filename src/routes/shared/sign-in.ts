import type { RequestHandler } from 'express';
import session from 'express-session';
import passportModule from 'passport';
import { Strategy } from 'passport-local';
import type { Auth } from '../../auth/auth.ts';
import type { Person } from '../../auth/people.ts';

declare global {
  namespace Express {
    interface User extends Person {}
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
  passport.deserializeUser((name: string, done) => {
    auth.person(name).then((found) => done(null, found ?? false), done);
  });
  const sessions = session({
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
      else done(null, false, { message: result.kind === 'wait' ? waitSentence(result.seconds) : wrongSentence });
    }, done);
  });
}

const wrongSentence = 'Name or password is wrong.';

function waitSentence(seconds: number): string {
  const time = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return `Too many attempts. Try again in ${time}.`;
}
