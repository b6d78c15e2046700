import { isIPv6 } from 'node:net';
import { CookieJar } from 'tough-cookie';
import { Agent, type Dispatcher, request } from 'undici';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';

/**
 * Whether people stay signed in when their site goes to the other master: signed in on one as a browser does, the other is
 * asked with the same cookies, each at its own address, wherever names point. Programs that keep sessions in the database
 * keep them; PHP's own files lie outside of the homes and are on one master alone.
 */

const httpUrl = z.url({ protocol: /^https?$/ });

/** A login of a site, of a person who exists for this alone. */
export const loginSchema = z
  .strictObject({
    name: z.string().min(1).max(64),
    /** The page with the form, which is sent to `to`, or to the same address. */
    url: httpUrl,
    to: httpUrl.optional(),
    /** What is typed into it, by the fields' names. */
    fields: z.record(z.string().min(1).max(100), z.string().max(500)),
    /** A page, and what stands on it only for whom is signed in. */
    page: httpUrl,
    text: z.string().min(1).max(200),
    /** Master → address, where the site has one of its own. */
    addresses: z.record(z.string().max(32), z.union([z.ipv4(), z.ipv6()])).default({}),
  })
  .refine(({ url, to = url, page }) => new Set([url, to, page].map((one) => new URL(one).host)).size === 1, {
    message: 'all pages must be of one host',
    path: ['page'],
  });

export type Login = z.output<typeof loginSchema>;

/** What became of one login. */
export interface LoginSeen {
  readonly name: string;
  readonly outcome: 'survived' | 'lost' | 'untested';
  readonly sentence: string;
}

/** Somebody who is signed in. */
export interface SignedIn {
  readonly login: Login;
  readonly jar: CookieJar | undefined;
  /** Why not. */
  readonly why: string;
}

export interface LoginDeps {
  readonly clock: Pick<Clock, 'sleep'>;
  /** The address of a master; undefined where none is configured. */
  readonly addressOf: (master: string) => string | undefined;
  readonly timeoutMs?: number;
}

const mostRedirects = 5;
const mostBytes = 4_000_000;

/** Connects to one address, whatever the name; the certificate must be the name's. */
function agentFor(address: string): Agent {
  const family = isIPv6(address) ? 6 : 4;
  return new Agent({
    maxResponseSize: mostBytes,
    connect: {
      lookup: (_host, { all }, done) =>
        all === true ? done(null, [{ address, family }]) : done(null, address, family),
    },
  });
}

interface Visit {
  readonly url: string;
  readonly form?: Readonly<Record<string, string>> | undefined;
}

/** One request; cookies are kept. `next`: where the answer sends on to. */
async function send(
  jar: CookieJar,
  dispatcher: Dispatcher,
  { url, form }: Visit,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly next: Visit | undefined }> {
  const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const headers = { cookie: await jar.getCookieString(url), 'user-agent': 'Tandem drill', ...type };
  const body = form === undefined ? null : new URLSearchParams(form).toString();
  const answer = await request(url, { method: body === null ? 'GET' : 'POST', headers, body, dispatcher, signal });
  const { statusCode, headers: heard } = answer;
  for (const cookie of [heard['set-cookie'] ?? []].flat()) await jar.setCookie(cookie, url, { ignoreError: true });
  const text = await answer.body.text();
  const to = heard['location'];
  if (statusCode < 300 || statusCode >= 400 || typeof to !== 'string') return { text, next: undefined };
  // A form is sent again only where that is asked for.
  const again = statusCode === 307 || statusCode === 308 ? form : undefined;
  return { text, next: { url: new URL(to, url).href, form: again } };
}

/** A browser's visit: redirects are followed on the same host. */
async function visit(jar: CookieJar, dispatcher: Dispatcher, given: Visit, signal: AbortSignal): Promise<string> {
  const { host } = new URL(given.url);
  let wanted = given;
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const { text, next } = await send(jar, dispatcher, wanted, signal);
    if (next === undefined) return text;
    const to = new URL(next.url).host;
    if (to !== host) throw new Error(`${host} sends on to ${to}`);
    wanted = next;
  }
  throw new Error(`more than ${mostRedirects} redirects`);
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  return found?.[1] ?? found?.[2] ?? found?.[3];
}

/** What a form carries beside what people type, such as a token against forgery. */
function hiddenFields(page: string): Readonly<Record<string, string>> {
  const tags = page.match(/<input\b[^>]*>/gi) ?? [];
  const hidden = tags.filter((tag) => attribute(tag, 'type')?.toLowerCase() === 'hidden');
  const plain = (text: string): string =>
    text.replaceAll('&quot;', '"').replaceAll('&#039;', "'").replaceAll('&amp;', '&');
  return Object.fromEntries(hidden.map((tag) => [attribute(tag, 'name') ?? '', plain(attribute(tag, 'value') ?? '')]));
}

/** Works at a master's address. */
async function at<T>(
  deps: LoginDeps,
  login: Login,
  master: string,
  work: (dispatcher: Dispatcher, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const address = login.addresses[master] ?? deps.addressOf(master);
  if (address === undefined) throw new Error(`${master} has no address`);
  const agent = agentFor(address);
  try {
    return await work(agent, AbortSignal.timeout(deps.timeoutMs ?? 15_000));
  } finally {
    await agent.close();
  }
}

/** Signs in on a master. Never rejects. */
export async function signIn(deps: LoginDeps, login: Login, master: string): Promise<SignedIn> {
  const jar = new CookieJar();
  try {
    const isIn = await at(deps, login, master, async (dispatcher, signal) => {
      const form = await visit(jar, dispatcher, { url: login.url }, signal);
      const fields = { ...hiddenFields(form), ...login.fields };
      await visit(jar, dispatcher, { url: login.to ?? login.url, form: fields }, signal);
      return (await visit(jar, dispatcher, { url: login.page }, signal)).includes(login.text);
    });
    if (isIn) return { login, jar, why: '' };
    return { login, jar: undefined, why: `“${login.text}” is not on the page of ${master} after signing in` };
  } catch (error) {
    return { login, jar: undefined, why: `${master}: ${messageOf(error)}` };
  }
}

/** Databases follow within a moment; what is not there after the last of these is lost. */
const pausesMs = [0, 500, 1500];

/** Asks a master whether it knows who was signed in on the other one. Never rejects. */
export async function isStillIn(deps: LoginDeps, { login, jar, why }: SignedIn, master: string): Promise<LoginSeen> {
  const { name } = login;
  if (jar === undefined) return { name, outcome: 'untested', sentence: `could not be tried: ${why}` };
  try {
    for (const pause of pausesMs) {
      await deps.clock.sleep(pause);
      // A master that does not know the session gives a new one: the next try must not come with that.
      const own = await jar.clone();
      const text = await at(deps, login, master, (dispatcher, signal) =>
        visit(own, dispatcher, { url: login.page }, signal),
      );
      if (text.includes(login.text)) return { name, outcome: 'survived', sentence: `${master} knows who is signed in` };
    }
    return { name, outcome: 'lost', sentence: `${master} does not know who is signed in` };
  } catch (error) {
    return { name, outcome: 'untested', sentence: `could not be tried: ${master}: ${messageOf(error)}` };
  }
}
