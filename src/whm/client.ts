import { Axios } from 'axios';
import type { Dispatcher } from 'undici';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { readAnswer, readUnheard } from './answer.ts';
import type { WhmCall } from './call.ts';
import { openMasterPool, type Trust } from './connection.ts';
import { functions } from './functions/index.ts';
import type { Heard, Outcome } from './outcome.ts';
import { privilegesOf } from './privileges.ts';
import { doubt } from './reasons.ts';
import { listOfTexts } from './shapes.ts';
import { type Session, type SignIn, signInOf } from './sign-in.ts';
import { slotsOf } from './slots.ts';
import { axiosOver, type Send, senderOf, TransportFailure } from './transport.ts';
import { encode, type WireRequest } from './wire.ts';

/** What the client must know of a master. The configuration's master satisfies it. */
export interface WhmTarget {
  readonly id: string;
  /** The name in its certificate. */
  readonly hostname: string;
  /** Where to connect, when that is not `hostname`. */
  readonly connect?: string;
  readonly port: number;
  readonly credentials:
    | { readonly kind: 'token'; readonly user: string; readonly token: string }
    | { readonly kind: 'password'; readonly user: string; readonly password: string };
  readonly tls: Trust;
  /** The most calls under way at a time; further ones wait, and waiting is never counted as sent. */
  readonly concurrency: number;
}

export interface WhmClientDeps {
  readonly log: Logger;
  /** Milliseconds from any start, never going back. */
  readonly now?: () => number;
}

export interface CallOptions {
  /** For everything: waiting, connecting, answer. Default: the longest known run of the function. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** Goes behind calls that are not patient: a flood of these does not hold up those. */
  readonly patient?: boolean;
  /** Told once, when the master may have another call instead of this one: sooner than the answer is read. */
  readonly answered?: () => void;
  /** What other masters answered to the same call: the same text is not read again. */
  readonly heard?: Heard | undefined;
}

export interface WhmClient {
  /** Makes one call, once. Never throws and never repeats a call that may have been read. */
  call(call: WhmCall, options?: CallOptions): Promise<Outcome>;
  /**
   * What the master lets a reseller do, as `myprivs` tells the reseller: there is no function that tells root. `data` is
   * that function's. Refused: no reseller.
   */
  privileges(user: string): Promise<Outcome>;
  /** Stops what is under way and closes every connection. */
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
const idleMs = 15_000;
const signInMs = 30_000;
/** listaccts of a full server is a few megabytes. */
const maxBytes = 50 * 1024 * 1024;
const api2Seconds = 120;

/** The deadline of a call: the longest known run, so that an answer is not given up while it may still come. */
export function deadlineOf(call: WhmCall): number {
  const known = call.api === 'api2' ? undefined : functions.get(call.api, call.fn);
  return (known?.longestSeconds ?? api2Seconds) * 1000;
}

interface Posted {
  readonly outcome: Outcome;
  /** 401 or 403: the master did not let us in, and so did nothing. */
  readonly shut: boolean;
}

/** Opens nothing yet: connections are made by calls. The caller closes it. */
export function openWhmClient(target: WhmTarget, deps: WhmClientDeps): WhmClient {
  const now = deps.now ?? (() => performance.now());
  const connections = openMasterPool({ ...target, connectTimeoutMs, idleMs }, target.concurrency);
  const direct = senderFor(target, connections.pool);
  const bare = httpOver(senderFor(target, connections.pool, true));
  const slots = slotsOf(target.concurrency);
  const signIn = signInFor(target, httpOver(direct), now);

  async function send(call: WhmCall, deadline: number, options: CallOptions): Promise<Outcome> {
    const wire = encode(call);
    const once = (session?: Session) => post(direct, call, wire, deadline - now(), options, session);
    return signIn === undefined ? (await once()).outcome : sendSignedIn(signIn, once);
  }

  async function run(call: WhmCall, options: CallOptions): Promise<Outcome> {
    const { signal, patient } = options;
    if (signal?.aborted === true) return notSent('the call was stopped before it was sent');
    const ms = options.deadlineMs ?? deadlineOf(call);
    const deadline = now() + ms;
    const slot = slots.take(ms, signal, patient);
    if (slot !== true && !(await slot)) return notSent('no connection was free in time');
    let isOver = false;
    const answered = (): void => {
      if (isOver) return;
      isOver = true;
      slots.give();
      options.answered?.();
    };
    try {
      const outcome = await send(call, deadline, options.answered === undefined ? options : { ...options, answered });
      deps.log.debug({ master: target.id, api: call.api, fn: call.fn, outcome: outcome.kind }, 'called a master');
      return outcome;
    } finally {
      answered();
    }
  }

  return {
    call: (call, options = {}) => run(call, options),
    privileges: (user) => privilegesOf(user, (call) => run(call, {}), bare, now),
    async close() {
      const over = slots.close();
      await connections.destroy();
      await over;
    },
  };
}

async function sendSignedIn(signIn: SignIn, once: (session: Session) => Promise<Posted>): Promise<Outcome> {
  for (let round = 1; ; round += 1) {
    const session = await signIn.session();
    if (!('prefix' in session)) return session;
    const { outcome, shut } = await once(session);
    if (!shut) {
      session.worked = true;
      return outcome;
    }
    // A shut door proves that nothing was done, so one more try with a new session is no repeat.
    if (!signIn.renew(session) || round > 1) return outcome;
  }
}

function notSent(reason: string): Outcome {
  return { kind: 'not-sent', reason };
}

/** `isBare`: without credentials of its own, for what is asked in somebody else's session. */
function senderFor(target: WhmTarget, pool: Pick<Dispatcher, 'dispatch'>, isBare = false): Send {
  const { credentials } = target;
  const authorization =
    credentials.kind === 'token' && !isBare ? { Authorization: `whm ${credentials.user}:${credentials.token}` } : {};
  const headers = {
    Host: `${target.hostname}:${target.port}`,
    'Content-Type': 'application/x-www-form-urlencoded',
    'User-Agent': 'Tandem',
    ...authorization,
  };
  return senderOf({ pool, headers, maxBytes });
}

/** For sessions of several requests. The bare class: no body is rewritten, no status is an error. */
function httpOver(send: Send): Axios {
  return new Axios({ method: 'post', validateStatus: null, adapter: axiosOver(send) });
}

/** Sends once and reads the answer. Never throws. */
async function post(
  send: Send,
  call: WhmCall,
  wire: WireRequest,
  timeoutMs: number,
  { signal, heard, answered }: CallOptions,
  session?: Session,
): Promise<Posted> {
  if (timeoutMs <= 0) return { outcome: notSent('the time was over before the call could be sent'), shut: false };
  try {
    const { status, bytes } = await send({
      method: 'POST',
      path: session === undefined ? wire.path : session.prefix + wire.path,
      body: wire.body,
      timeoutMs,
      signal,
      cookie: session?.cookie,
      type: wire.type,
      // A session that has ended makes the same call once more.
      answered: session === undefined ? answered : undefined,
    });
    const outcome =
      heard === undefined ? readAnswer(call, status, bytes.toString('utf8')) : readUnheard(call, status, bytes, heard);
    return { outcome, shut: status === 401 || status === 403 };
  } catch (error) {
    return readFailure(error);
  }
}

function readFailure(error: unknown): Posted {
  if (!(error instanceof TransportFailure)) return { outcome: doubt(messageOf(error)), shut: false };
  const { status, sent, message } = error;
  // The answer broke off, but its first line had already said no.
  if (status === 401 || status === 403) return { outcome: { kind: 'denied', reason: `HTTP ${status}` }, shut: true };
  return { outcome: sent ? doubt(message) : notSent(message), shut: false };
}

function signInFor(target: WhmTarget, http: Axios, now: () => number): SignIn | undefined {
  const { credentials, hostname } = target;
  if (credentials.kind === 'token') return undefined;
  return signInOf(credentials.user, credentials.password, {
    hostname,
    now,
    async post(path, form) {
      const reply = await http.request<string>({ url: path, data: form, timeout: signInMs });
      const setCookies: unknown = reply.headers['set-cookie'];
      return { status: reply.status, text: reply.data, setCookies: listOfTexts(setCookies) };
    },
  });
}
