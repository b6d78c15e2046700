/**
 * Whether an application answers under a name of one server, or sends its visitors on to its own name. Asked of the
 * server itself in the background, with the name as a browser would send it; no page waits for it.
 */
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { isIPv6 } from 'node:net';
import { messageOf } from '../../errors.ts';
import type { SiteAnswer, SiteCheck } from '../../routes/customer/deps.ts';

export interface SiteCheckOptions {
  readonly ports?: { readonly http: number; readonly https: number };
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
}

/** What was found is told again for so long, milliseconds. */
const keptMs = 60_000;
const answerMs = 4000;
const mostHops = 3;
/** Names that are remembered; above, the oldest is forgotten. */
const mostNames = 2000;

interface Reply {
  readonly status: number;
  /** undefined: it does not send the visitor on. */
  readonly location: URL | undefined;
}

/** One page as a browser would ask for it; the certificate does not count, since only the answer's place is of interest. */
function ask(
  url: URL,
  address: string,
  ports: NonNullable<SiteCheckOptions['ports']>,
  signal: AbortSignal,
): Promise<Reply> {
  const isSecure = url.protocol === 'https:';
  const options = {
    host: address,
    family: isIPv6(address) ? 6 : 4,
    port: isSecure ? ports.https : ports.http,
    path: `${url.pathname}${url.search}`,
    method: 'GET',
    headers: { host: url.host, 'user-agent': 'Tandem', accept: 'text/html' },
    agent: false,
    signal,
  } as const;
  return new Promise((resolve, reject) => {
    const sent = (isSecure ? overHttps : overHttp)(
      isSecure ? { ...options, servername: url.hostname, rejectUnauthorized: false } : options,
      (reply) => {
        reply.destroy();
        const { statusCode: status = 0, headers } = reply;
        const isRedirect = status >= 300 && status < 400 && headers.location !== undefined;
        resolve({ status, location: isRedirect ? target(headers.location ?? '', url) : undefined });
      },
    );
    sent.once('error', reject);
    sent.end();
  });
}

/** Where a redirect leads; undefined for what is no address, which a browser would not follow either. */
function target(location: string, from: URL): URL | undefined {
  return URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}

async function look(name: string, address: string, options: SiteCheckOptions): Promise<SiteAnswer> {
  const { ports = { http: 80, https: 443 }, signal } = options;
  const limit = AbortSignal.timeout(answerMs);
  const until = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  let url = new URL(`http://${name}/`);
  for (let hop = 0; hop < mostHops; hop++) {
    const { status, location } = await ask(url, address, ports, until);
    if (location === undefined) return { kind: 'answers', status };
    if (location.hostname !== name) return { kind: 'redirects', to: location.hostname.slice(0, 253) };
    url = location;
  }
  return { kind: 'answers', status: 310 };
}

/** Opens the check; what it learned is in memory only. */
export function openSiteCheck(options: SiteCheckOptions): SiteCheck {
  const known = new Map<string, { readonly at: number; answer: SiteAnswer; isAsked: boolean }>();
  return (name, address) => {
    const key = `${name} ${address}`;
    const last = known.get(key);
    if (last !== undefined && (last.isAsked || options.clock() - last.at < keptMs)) return last.answer;
    // An old answer is better than none while the new one is on its way.
    const entry = { at: options.clock(), answer: last?.answer ?? ({ kind: 'asking' } as SiteAnswer), isAsked: true };
    known.delete(key);
    known.set(key, entry);
    const [oldest] = known.keys();
    if (known.size > mostNames && oldest !== undefined) known.delete(oldest);
    void look(name, address, options)
      .catch((error: unknown): SiteAnswer => ({ kind: 'silent', why: messageOf(error) }))
      .then((answer) => {
        entry.answer = answer;
        entry.isAsked = false;
      });
    return entry.answer;
  };
}
