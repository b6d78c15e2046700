import { Axios } from 'axios';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { ZoneKey } from '../../whm/zone-keys.ts';
import { keyTagOf } from './dnssec.ts';
import type { NameServer, Publisher } from './publisher.ts';
import { pushEach, type WantedZone } from './push-zones.ts';
import { changesBetween, type RecordSet } from './record-sets.ts';

/** A provider said no, or something that nobody expected. */
export class ProviderRefused extends AppError {
  readonly code = 'publish.provider-refused';
  readonly retry = 'later';
}

export interface PowerDnsApiOptions {
  readonly name: string;
  readonly servers: readonly NameServer[];
  /** 'https://192.0.2.3:8081'. */
  readonly url: string;
  readonly key: string;
  /** PowerDNS' own name of the server in the path. */
  readonly serverId?: string;
  readonly isMasters: (address: string) => boolean;
  readonly clock: Clock;
}

interface Request {
  readonly method: 'get' | 'patch' | 'post';
  readonly url: string;
  readonly signal: AbortSignal;
  readonly body?: object | undefined;
}

const rrset = z.object({
  name: z.string(),
  type: z.string(),
  ttl: z.int(),
  records: z.array(z.object({ content: z.string(), disabled: z.boolean().default(false) })),
});
const zoneAnswer = z.object({ rrsets: z.array(rrset) });

const keysAnswer = z.array(z.object({ dnskey: z.string() }));

/** '257 3 13 AbC…' as it goes over the wire. */
function tagOf(dnskey: string): number {
  const [flags = '', protocol = '', algorithm = '', ...data] = dnskey.split(' ');
  const head = Buffer.from([Number(flags) >> 8, Number(flags) & 255, Number(protocol), Number(algorithm)]);
  return keyTagOf(Buffer.concat([head, Buffer.from(data.join(''), 'base64')]));
}

function setOf({ name, type, ttl, records }: z.output<typeof rrset>): RecordSet {
  const data = records.filter(({ disabled }) => !disabled).map(({ content }) => content);
  return { name: name.toLowerCase(), type, ttl, data };
}

function replaced({ name, type, ttl, data }: RecordSet): object {
  return { name, type, ttl, changetype: 'REPLACE', records: data.map((content) => ({ content, disabled: false })) };
}

/** PowerDNS by its HTTP API (doc.powerdns.com/authoritative/http-api/zone.html): one PATCH a zone, all or nothing. */
export function powerDnsApiPublisher(options: PowerDnsApiOptions): Publisher {
  const { serverId = 'localhost' } = options;
  const http = new Axios({
    baseURL: `${options.url.replace(/\/$/, '')}/api/v1/servers/${serverId}/`,
    headers: { 'X-API-Key': options.key, 'Content-Type': 'application/json' },
    timeout: 30_000,
    validateStatus: () => true,
    maxRedirects: 0,
  });
  async function once({ method, url, signal, body }: Request) {
    const data = body === undefined ? {} : { data: JSON.stringify(body) };
    try {
      return await http.request<string>({ method, url, signal, ...data });
    } catch (error) {
      // Not the error itself: it carries the request with its key.
      throw new ProviderRefused(`${options.name} cannot be reached: ${messageOf(error)}`);
    }
  }
  /** What is asked may be asked again: sets are replaced whole. A busy database answers 500. */
  async function ask(method: Request['method'], wanted: WantedZone, signal: AbortSignal, body?: object) {
    const request = { method, url: `zones/${encodeURIComponent(wanted.apex)}`, signal, body };
    let answer = await once(request);
    for (let attempt = 1; answer.status >= 500 && attempt < 5; attempt++) {
      await options.clock.sleep(100 * attempt, signal);
      answer = await once(request);
    }
    const { status, data } = answer;
    if (status >= 200 && status < 300) return data;
    throw new ProviderRefused(`${options.name} answered ${status}: ${String(data).slice(0, 300)}`);
  }
  /** Not asked again where it fails: the next look does so. Nothing of the answer is told: it may hold a key. */
  async function aboutKeys(method: 'get' | 'post', { zone }: ZoneKey, signal: AbortSignal, body?: object) {
    const url = `zones/${encodeURIComponent(`${zone}.`)}/cryptokeys`;
    const { status, data } = await once({ method, url, signal, body });
    if (status >= 200 && status < 300) return data;
    const hint = status === 422 ? ' (is DNSSEC on in its backend?)' : '';
    throw new ProviderRefused(`${options.name} takes no key of ${zone}: it answers ${status}${hint}`);
  }
  return {
    name: options.name,
    servers: options.servers,
    async importKey(key, secret, signal) {
      const there = keysAnswer.parse(JSON.parse(await aboutKeys('get', key, signal)));
      if (there.some(({ dnskey }) => tagOf(dnskey) === key.tag)) return;
      await aboutKeys('post', key, signal, { keytype: key.type, active: true, published: true, privatekey: secret });
    },
    async push(zones, pushing) {
      const { signal } = pushing;
      return await pushEach(zones, pushing, {
        width: 4,
        isMasters: options.isMasters,
        async work(wanted) {
          let changes = { upsert: wanted.sets, remove: [] as readonly RecordSet[] };
          if (wanted.scope === 'everything') {
            const there = zoneAnswer.parse(JSON.parse(await ask('get', wanted, signal))).rrsets.map(setOf);
            changes = { ...changesBetween(there, wanted.sets, wanted.apex) };
          }
          const rrsets = [
            ...changes.remove.map(({ name, type }) => ({ name, type, changetype: 'DELETE' })),
            ...changes.upsert.map(replaced),
            ...(wanted.soa === undefined ? [] : [replaced(wanted.soa)]),
          ];
          await ask('patch', wanted, signal, { rrsets });
        },
      });
    },
  };
}
