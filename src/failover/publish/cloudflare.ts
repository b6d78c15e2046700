import Cloudflare from 'cloudflare';
import { z } from 'zod';
import { addressOf } from '../zone/address.ts';
import { ProviderRefused } from './powerdns-api.ts';
import type { NameServer, Publisher } from './publisher.ts';
import { pushEach, type WantedZone } from './push-zones.ts';

export interface CloudflareOptions {
  readonly name: string;
  readonly servers: readonly NameServer[];
  readonly token: string;
  /** Another base URL, for a proxy or a stand-in. */
  readonly url?: string;
  readonly isMasters: (address: string) => boolean;
}

/** An address record as Cloudflare lists it; name without the closing dot. */
const listed = z.object({
  id: z.string(),
  name: z.string(),
  type: z.enum(['A', 'AAAA']),
  content: z.string(),
  ttl: z.number(),
  proxied: z.boolean().default(false),
});
type Listed = z.output<typeof listed>;

interface Value {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  readonly content: string;
  readonly ttl: number;
}

export interface AddressChanges {
  readonly patches: readonly (Value & { readonly id: string })[];
  readonly posts: readonly Value[];
  readonly deletes: readonly { readonly id: string }[];
}

function key(text: string): string {
  return addressOf(text)?.key ?? text;
}

/** Cloudflare takes 60 seconds and more, or 1 for "automatic", which is what a proxied record has. */
function ttlFor(ttl: number, isProxied: boolean): number {
  return isProxied ? 1 : Math.max(60, ttl);
}

/** One set: records that have another value are given one that is missing, so that comments and proxying stay. */
export function addressChanges(there: readonly Listed[], wanted: readonly Value[]): AddressChanges {
  const right = new Map(wanted.map((value) => [key(value.content), value]));
  const wrong: Listed[] = [];
  const patches: (Value & { id: string })[] = [];
  for (const record of there) {
    const value = right.get(key(record.content));
    if (value === undefined) {
      wrong.push(record);
      continue;
    }
    right.delete(key(record.content));
    const ttl = ttlFor(value.ttl, record.proxied);
    if (record.ttl !== ttl) patches.push({ ...value, ttl, id: record.id });
  }
  const missing = [...right.values()];
  for (const record of wrong.splice(0, missing.length)) {
    const value = missing.shift();
    if (value !== undefined) patches.push({ ...value, ttl: ttlFor(value.ttl, record.proxied), id: record.id });
  }
  const posts = missing.map((value) => ({ ...value, ttl: ttlFor(value.ttl, false) }));
  return { patches, posts, deletes: wrong.map(({ id }) => ({ id })) };
}

/**
 * Cloudflare by its own SDK. Addresses only: a customer's other records are edited there. Proxied records keep their
 * proxy, and answer with Cloudflare's own addresses, so zones that have any are not asked about.
 */
export function cloudflarePublisher(options: CloudflareOptions): Publisher {
  const { token, url } = options;
  const client = new Cloudflare({
    apiToken: token,
    maxRetries: 5,
    logLevel: 'off',
    ...(url === undefined ? {} : { baseURL: url }),
  });
  const ids = new Map<string, string>();

  async function idOf(zone: string, signal: AbortSignal): Promise<string> {
    const known = ids.get(zone);
    if (known !== undefined) return known;
    for await (const one of client.zones.list({ name: zone }, { signal })) {
      if (one.name !== zone) continue;
      ids.set(zone, one.id);
      return one.id;
    }
    throw new ProviderRefused(`${options.name} has no zone ${zone}`);
  }

  async function addresses(zone_id: string, signal: AbortSignal): Promise<readonly Listed[]> {
    const all: Listed[] = [];
    for (const type of ['A', 'AAAA'] as const) {
      for await (const one of client.dns.records.list({ zone_id, type, per_page: 500 }, { signal })) {
        all.push(listed.parse(one));
      }
    }
    return all;
  }

  const proxied = new Set<string>();

  async function work(wanted: WantedZone, signal: AbortSignal): Promise<void> {
    const zone_id = await idOf(wanted.zone, signal);
    const there = await addresses(zone_id, signal);
    if (there.some((one) => one.proxied)) proxied.add(wanted.zone);
    else proxied.delete(wanted.zone);
    const changes = wanted.sets.flatMap(({ name: absolute, type, ttl, data }) => {
      if (type !== 'A' && type !== 'AAAA') return [];
      const name = absolute.replace(/\.$/, '');
      const like = there.filter((one) => one.type === type && one.name.toLowerCase() === name);
      return [
        addressChanges(
          like,
          data.map((content) => ({ name, type, content, ttl })),
        ),
      ];
    });
    const [patches, posts, deletes] = [
      changes.flatMap((one) => one.patches),
      changes.flatMap((one) => one.posts),
      changes.flatMap((one) => one.deletes),
    ];
    if (patches.length + posts.length + deletes.length === 0) return;
    await client.dns.records.batch({ zone_id, patches, posts, deletes }, { signal });
  }

  return {
    name: options.name,
    servers: options.servers.map((server) => ({ ...server, keepsSerial: false })),
    push: (zones, pushing) =>
      pushEach(zones, pushing, {
        width: 4,
        isMasters: options.isMasters,
        work: (wanted) => work(wanted, pushing.signal),
      }),
    canAsk: (zone) => !proxied.has(zone),
  };
}
