import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';

/** Stand-ins for two DNS providers, as their public documents describe the calls that we make. Unknown calls fail. */

export interface Provider {
  readonly url: string;
  /** Everything that was asked: method and path. */
  readonly asked: string[];
  /** Answers the next calls with this status. */
  failNext(status: number, times: number): void;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

async function serve(
  type: string,
  answer: (method: string, url: URL, body: string, request: IncomingMessage) => Reply,
): Promise<Provider> {
  const asked: string[] = [];
  let failing = { status: 500, times: 0 };
  const server: Server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? '/', 'http://provider');
      const body = await bodyOf(request);
      asked.push(`${request.method} ${url.pathname}`);
      const isFailing = failing.times-- > 0;
      const reply = isFailing ? { status: failing.status, body: '' } : answer(request.method ?? '', url, body, request);
      response.writeHead(reply.status, { 'content-type': type }).end(reply.body);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    failNext(status, times) {
      failing = { status, times };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface CloudflareRecord {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly ttl: number;
  readonly proxied: boolean;
}

/** developers.cloudflare.com/api: zones.list, dns.records.list and dns.records.batch, with their limits. */
export async function startCloudflare(
  token: string,
  zones: ReadonlyMap<string, Map<string, CloudflareRecord>>,
): Promise<Provider> {
  const ids = new Map([...zones.keys()].map((zone, at) => [`z${at}`, zone]));
  let made = 0;
  const good = (result: unknown, count = 0): Reply => ({
    status: 200,
    body: JSON.stringify({
      success: true,
      errors: [],
      messages: [],
      result,
      result_info: { page: 1, per_page: 500, count, total_count: count, total_pages: 1 },
    }),
  });
  const bad = (status: number, message: string): Reply => ({
    status,
    body: JSON.stringify({ success: false, errors: [{ code: 1000, message }], messages: [], result: null }),
  });
  const patch = (records: Map<string, CloudflareRecord>, one: CloudflareRecord): string | undefined => {
    const old = records.get(one.id);
    if (old === undefined) return 'no such record';
    records.set(one.id, { ...old, ...one });
    if (one.ttl !== 1 && one.ttl < 60) return 'TTL must be 1 or at least 60';
    return old.proxied && one.ttl !== 1 ? 'a proxied record has an automatic TTL' : undefined;
  };
  const batch = (records: Map<string, CloudflareRecord>, body: string): Reply => {
    const { patches = [], posts = [], deletes = [] } = JSON.parse(body);
    const gone = deletes.every(({ id }: CloudflareRecord) => records.delete(id));
    const wrong = patches.map((one: CloudflareRecord) => patch(records, one)).find((why?: string) => why !== undefined);
    if (!gone || wrong !== undefined) return bad(400, wrong ?? 'no such record');
    for (const one of posts) records.set(`new${made}`, { proxied: false, ...one, id: `new${made++}` });
    return good({ patches, posts, deletes });
  };
  const zonesNamed = (wanted: string | null): Reply => {
    const found = [...ids].filter(([, name]) => name === wanted).map(([id, name]) => ({ id, name }));
    return good(found, found.length);
  };
  const listed = (records: Map<string, CloudflareRecord>, asked: URLSearchParams): Reply => {
    const found = [...records.values()].filter(({ type }) => type === asked.get('type'));
    return good(Number(asked.get('page') ?? 1) > 1 ? [] : found, found.length);
  };
  const onZone = (method: string, url: URL, body: string): Reply => {
    const [, zoneId = '', what] = /^\/zones\/([^/]+)\/dns_records(?:\/(batch))?$/.exec(url.pathname) ?? [];
    const records = zones.get(ids.get(zoneId) ?? '');
    if (records === undefined) return bad(404, 'no such zone');
    if (method === 'POST' && what === 'batch') return batch(records, body);
    return method === 'GET' ? listed(records, url.searchParams) : bad(405, 'no such call');
  };
  return await serve('application/json', (method, url, body, request) => {
    if (request.headers.authorization !== `Bearer ${token}`) return bad(403, 'Authentication error');
    if (method === 'GET' && url.pathname === '/zones') return zonesNamed(url.searchParams.get('name'));
    return onZone(method, url, body);
  });
}

export type Route53Sets = Map<string, { readonly ttl: number; readonly values: readonly string[] }>;

function tag(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

/** Carries out one change; answers whether Route 53 would take it. */
function changed(sets: Route53Sets, one: string): boolean {
  const key = `${tag(one, 'Name')} ${tag(one, 'Type')}`;
  const values = [...one.matchAll(/<Value>([^<]*)<\/Value>/g)].map(([, value]) =>
    (value ?? '').replaceAll('&quot;', '"'),
  );
  if (tag(one, 'Action') === 'DELETE') return sets.delete(key);
  sets.set(key, { ttl: Number(tag(one, 'TTL')), values });
  return values.length > 0;
}

/** docs.aws.amazon.com/Route53/latest/APIReference: ListHostedZonesByName, ListResourceRecordSets, ChangeResourceRecordSets. */
export async function startRoute53(zones: ReadonlyMap<string, Route53Sets>): Promise<Provider> {
  const ids = new Map([...zones.keys()].map((zone, at) => [`Z${at}`, zone]));
  const xml = (name: string, body: string): Reply => ({
    status: 200,
    body: `<?xml version="1.0"?><${name} xmlns="https://route53.amazonaws.com/doc/2013-04-01/">${body}</${name}>`,
  });
  const bad = (status: number, code: string): Reply => ({
    status,
    body: `<?xml version="1.0"?><ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${code}</Message></Error></ErrorResponse>`,
  });
  const change = (sets: Route53Sets, body: string): Reply => {
    const all = body.match(/<Change>.*?<\/Change>/gs) ?? [];
    if (!all.every((one) => changed(sets, one))) return bad(400, 'InvalidChangeBatch');
    const info =
      '<ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-11-28T00:00:00Z</SubmittedAt></ChangeInfo>';
    return xml('ChangeResourceRecordSetsResponse', info);
  };
  const list = (sets: Route53Sets, start: string | null): Reply => {
    const all = [...sets].filter(([key]) => start === null || key.split(' ')[0] === start || key > `${start} `).sort();
    const page = start === null ? all.slice(0, 2) : all;
    const next = start === null ? all[2]?.[0].split(' ')[0] : undefined;
    const rows = page.map(([key, { ttl, values }]) => {
      const [name, type] = key.split(' ');
      const records = values
        .map((value) => `<ResourceRecord><Value>${value.replaceAll('"', '&quot;')}</Value></ResourceRecord>`)
        .join('');
      return `<ResourceRecordSet><Name>${name}</Name><Type>${type}</Type><TTL>${ttl}</TTL><ResourceRecords>${records}</ResourceRecords></ResourceRecordSet>`;
    });
    const more =
      next === undefined
        ? '<IsTruncated>false</IsTruncated>'
        : `<IsTruncated>true</IsTruncated><NextRecordName>${next}</NextRecordName>`;
    return xml(
      'ListResourceRecordSetsResponse',
      `<ResourceRecordSets>${rows.join('')}</ResourceRecordSets>${more}<MaxItems>100</MaxItems>`,
    );
  };
  return await serve('text/xml', (method, url, body, request) => {
    if (!/^AWS4-HMAC-SHA256 Credential=AKID\//.test(request.headers.authorization ?? ''))
      return bad(403, 'AccessDenied');
    if (url.pathname === '/2013-04-01/hostedzonesbyname') {
      const wanted = url.searchParams.get('dnsname');
      const found = [...ids].filter(([, zone]) => `${zone}.` === wanted);
      const zone = found.map(
        ([id, name]) =>
          `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}.</Name><CallerReference>x</CallerReference><Config><PrivateZone>false</PrivateZone></Config></HostedZone>`,
      );
      return xml(
        'ListHostedZonesByNameResponse',
        `<HostedZones>${zone.join('')}</HostedZones><IsTruncated>false</IsTruncated><MaxItems>10</MaxItems>`,
      );
    }
    const id = /^\/2013-04-01\/hostedzone\/([^/]+)\/rrset\/?$/.exec(url.pathname)?.[1] ?? '';
    const sets = zones.get(ids.get(id) ?? '');
    if (sets === undefined) return bad(404, 'NoSuchHostedZone');
    return method === 'POST' ? change(sets, body) : list(sets, url.searchParams.get('name'));
  });
}
