/** Where the demo listens. Another net lets two demos run side by side. */
import { Invalid } from '../../errors.ts';
import { assertFree } from '../listen.ts';

export interface Places {
  readonly m1: string;
  readonly m2: string;
  readonly tandem: string;
  /** The watchers, each with a name server. */
  readonly s3: string;
  readonly s4: string;
  /** BIND listens on addresses of interfaces alone, so both name servers are on 127.0.0.1, each with its port. */
  readonly dns: { readonly host: string; readonly s3: number; readonly s4: number };
}

/** Other nets have other ports, so that two demos run side by side. */
function dnsOf(net: string): Places['dns'] {
  const [, b = 0, c = 0] = net.split('.').map(Number);
  const first = net === usualNet ? 5303 : 6000 + 2 * ((b * 256 + c) % 10_000);
  return { host: '127.0.0.1', s3: first, s4: first + 1 };
}

export const usualNet = '127.0.1';
export const ports = {
  whm: 2087,
  cpanel: 2083,
  control: 9087,
  portal: 8443,
  metrics: 9464,
  webmail: 2096,
  imap: 9993,
  submission: 9465,
  watch: 2484,
  rndc: 5953,
} as const;

/**
 * '127.0.1' → the masters at .1 and .2 of it, the watchers at .3 and .4, Tandem at 127.0.0.1; at .9 of any other net.
 * Throws Invalid.
 */
export function placesOf(net: string): Places {
  if (!/^127(\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){2}$/.test(net) || net === '127.0.0') {
    throw new Invalid(`--net ${net} is not a part of loopback`, [{ path: 'net', message: 'for example 127.0.7' }]);
  }
  const tandem = net === usualNet ? '127.0.0.1' : `${net}.9`;
  return { m1: `${net}.1`, m2: `${net}.2`, s3: `${net}.3`, s4: `${net}.4`, tandem, dns: dnsOf(net) };
}

/** Throws Invalid that names who holds a port that the demo needs: before it touches what an earlier demo left. */
export async function assertPlacesFree(places: Places): Promise<void> {
  for (const host of [places.m1, places.m2, places.tandem]) {
    const own =
      host === places.tandem
        ? [ports.portal, ports.metrics, ports.webmail]
        : [ports.control, ports.imap, ports.submission];
    for (const port of [ports.whm, ports.cpanel, ...own]) await assertFree('demo', { host, port });
  }
  for (const host of [places.s3, places.s4]) {
    for (const port of [ports.watch, ports.rndc]) await assertFree('demo', { host, port });
  }
  const { dns } = places;
  for (const port of [dns.s3, dns.s4]) await assertFree('demo', { host: dns.host, port });
}
