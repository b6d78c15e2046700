/** Where the demo listens. Another net lets two demos run side by side. */
import { Invalid } from '../../errors.ts';
import { assertFree } from '../listen.ts';

export interface Places {
  readonly m1: string;
  readonly m2: string;
  readonly tandem: string;
}

export const usualNet = '127.0.1';
export const ports = { whm: 2087, cpanel: 2083, control: 9087, portal: 8443, metrics: 9464 } as const;

/** '127.0.1' → the masters at .1 and .2 of it, Tandem at 127.0.0.1; at .9 of any other net. Throws Invalid. */
export function placesOf(net: string): Places {
  if (!/^127(\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){2}$/.test(net) || net === '127.0.0') {
    throw new Invalid(`--net ${net} is not a part of loopback`, [{ path: 'net', message: 'for example 127.0.7' }]);
  }
  return { m1: `${net}.1`, m2: `${net}.2`, tandem: net === usualNet ? '127.0.0.1' : `${net}.9` };
}

/** Throws Invalid that names who holds a port that the demo needs: before it touches what an earlier demo left. */
export async function assertPlacesFree(places: Places): Promise<void> {
  for (const host of [places.m1, places.m2, places.tandem]) {
    const own = host === places.tandem ? [ports.portal, ports.metrics] : [ports.control];
    for (const port of [ports.whm, ports.cpanel, ...own]) await assertFree('demo', { host, port });
  }
}
