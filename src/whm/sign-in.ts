import { CookieJar } from 'tough-cookie';
import { messageOf } from '../errors.ts';
import type { Outcome } from './outcome.ts';
import { field, isFields, isOne } from './shapes.ts';

/** What a signed-in session adds to a request. */
export interface Session {
  /** '/cpsess0123456789', in front of every path. */
  readonly prefix: string;
  readonly cookie: string;
  readonly madeAt: number;
  /** True once a call with it was let in. A session that never was is not worth a second sign-in. */
  worked: boolean;
}

export interface SignInReply {
  readonly status: number;
  readonly text: string;
  readonly setCookies: readonly string[];
}

export interface SignInDeps {
  readonly hostname: string;
  /** Sends the form to /login/?login_only=1. Rejects when there was no answer. */
  post(path: string, form: string): Promise<SignInReply>;
  now(): number;
}

/**
 * cPanel counts failed sign-ins and blocks the address after a few (cPHulk), so a refused password is not tried again
 * for this long, and a session is replaced at most this often.
 */
const pauseAfterRefusalMs = 10 * 60_000;
const shortestSessionMs = 10_000;

export interface SignIn {
  /** The session, signing in first if there is none. Callers at the same time share one sign-in. */
  session(): Promise<Session | Exclude<Outcome, { kind: 'done' }>>;
  /** Whether a call that was answered 401 or 403 with this session may sign in again, once. */
  renew(session: Session): boolean;
}

/** Signs in by the cookie session of WHM's own interface, for masters that are given by user and password. */
export function signInOf(user: string, password: string, deps: SignInDeps): SignIn {
  let current: Session | undefined;
  let running: ReturnType<SignIn['session']> | undefined;
  let refusedAt = Number.NEGATIVE_INFINITY;

  async function attempt(): ReturnType<SignIn['session']> {
    if (deps.now() - refusedAt < pauseAfterRefusalMs) {
      return { kind: 'denied', reason: 'the password was refused a short while ago; it is not tried again so soon' };
    }
    const form = `user=${encodeURIComponent(user)}&pass=${encodeURIComponent(password)}`;
    const made = await deps.post('/login/?login_only=1', form).then(
      (reply) => readSignIn(reply, deps),
      // Without a session the call itself was never sent, whatever became of the sign-in.
      (error: unknown) => ({ kind: 'not-sent', reason: `signing in failed: ${messageOf(error)}` }) as const,
    );
    if ('prefix' in made) current = made;
    else if (made.kind === 'denied') refusedAt = deps.now();
    return made;
  }

  return {
    async session() {
      if (current !== undefined) return current;
      running ??= attempt().finally(() => {
        running = undefined;
      });
      return running;
    },
    renew(session) {
      // Somebody else has replaced it already: simply use the new one.
      if (current !== session) return true;
      current = undefined;
      if (session.worked && deps.now() - session.madeAt >= shortestSessionMs) return true;
      refusedAt = deps.now();
      return false;
    },
  };
}

function readSignIn(reply: SignInReply, deps: SignInDeps): Session | Exclude<Outcome, { kind: 'done' }> {
  if (reply.status === 401 || reply.status === 403) return { kind: 'denied', reason: 'user or password was refused' };
  const body = bodyOf(reply.text);
  if (body === undefined && reply.text.includes('tfa_login_form')) {
    return { kind: 'denied', reason: 'a second factor is asked for; use an API token' };
  }
  const prefix = field(body, 'security_token');
  if (
    reply.status !== 200 ||
    !isOne(field(body, 'status')) ||
    typeof prefix !== 'string' ||
    !/^\/cpsess\w+$/.test(prefix)
  ) {
    // Nothing was asked of the master yet, so nothing can have happened.
    return { kind: 'not-sent', reason: `signing in was answered with something unknown (HTTP ${reply.status})` };
  }
  return { prefix, cookie: cookieOf(reply.setCookies, deps.hostname), madeAt: deps.now(), worked: false };
}

function bodyOf(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return isFields(body) ? body : undefined;
  } catch {
    // A page instead of JSON.
    return undefined;
  }
}

/** A jar of its own for each session: what an older session left behind never mixes in. */
function cookieOf(setCookies: readonly string[], hostname: string): string {
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
  const url = `https://${hostname.includes(':') ? `[${hostname}]` : hostname}/`;
  for (const line of setCookies) jar.setCookieSync(line, url, { ignoreError: true });
  return jar.getCookieStringSync(url);
}
