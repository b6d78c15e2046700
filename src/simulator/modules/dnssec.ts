/** DNSSEC keys of zones, as PowerDNS below cPanel keeps them. What they sign is not simulated. */
import { createECDH, createHash, createPrivateKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import type { Context, Entry, Handler, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { table } from '../state.ts';
import { domainName, zoneForCaller } from './zone-store.ts';

interface ZoneKey {
  readonly domain: string;
  readonly id: number;
  readonly type: 'ksk' | 'zsk' | 'csk';
  /** 8: RSA with SHA-256; 13: ECDSA on P-256. */
  readonly algorithm: 8 | 13;
  readonly jwk: JsonWebKey;
  /** Seconds since 1970. */
  readonly created: number;
}

/** Key: the domain and the key's number. */
const zoneKeys = table<ZoneKey>('zone-keys', { group: (key) => key.domain });

const names = { 8: 'RSASHA256', 13: 'ECDSAP256SHA256' } as const;

function bytes(text: string | undefined): Buffer {
  return Buffer.from(text ?? '', 'base64url');
}

/** The DNSKEY record as it goes over the wire. */
function rdataOf({ type, algorithm, jwk }: ZoneKey): Buffer {
  const head = Buffer.from([1, type === 'zsk' ? 0 : 1, 3, algorithm]);
  if (algorithm === 13) return Buffer.concat([head, bytes(jwk.x), bytes(jwk.y)]);
  const exponent = bytes(jwk.e);
  return Buffer.concat([head, Buffer.from([exponent.length]), exponent, bytes(jwk.n)]);
}

function tagOf(rdata: Buffer): number {
  let sum = 0;
  for (const [at, byte] of rdata.entries()) sum += at % 2 === 0 ? byte << 8 : byte;
  return (sum + (sum >>> 16)) & 0xffff;
}

/** The private key as `pdnsutil export-zone-key` writes it. */
function contentOf({ algorithm, jwk }: ZoneKey): string {
  const fields: readonly (readonly [string, string | undefined])[] =
    algorithm === 13
      ? [['PrivateKey', jwk.d]]
      : [
          ['Modulus', jwk.n],
          ['PublicExponent', jwk.e],
          ['PrivateExponent', jwk.d],
          ['Prime1', jwk.p],
          ['Prime2', jwk.q],
          ['Exponent1', jwk.dp],
          ['Exponent2', jwk.dq],
          ['Coefficient', jwk.qi],
        ];
  const lines = fields.map(([name, value]) => `${name}: ${bytes(value).toString('base64')}`);
  return ['Private-key-format: v1.2', `Algorithm: ${algorithm} (${names[algorithm]})`, ...lines, ''].join('\n');
}

/** The key that such a text holds; undefined when it holds none. */
function jwkIn(content: string): Pick<ZoneKey, 'algorithm' | 'jwk'> | undefined {
  const fields = new Map(content.split('\n').map((line) => [line.split(': ')[0], line.split(': ')[1] ?? '']));
  const field = (name: string): Buffer => Buffer.from(fields.get(name) ?? '', 'base64');
  const text = (value: Buffer): string => value.toString('base64url');
  const algorithm = Number.parseInt(fields.get('Algorithm') ?? '', 10);
  if (algorithm === 13) {
    const d = field('PrivateKey');
    if (d.length !== 32) return undefined;
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(d);
    const point = curve.getPublicKey();
    const [x, y] = [text(point.subarray(1, 33)), text(point.subarray(33))];
    return { algorithm, jwk: { kty: 'EC', crv: 'P-256', d: text(d), x, y } };
  }
  if (algorithm !== 8 || field('Modulus').length === 0) return undefined;
  const [n, e, d] = [field('Modulus'), field('PublicExponent'), field('PrivateExponent')].map(text);
  const [p, q, dp] = [field('Prime1'), field('Prime2'), field('Exponent1')].map(text);
  const [dq, qi] = [field('Exponent2'), field('Coefficient')].map(text);
  // Every one of them is a text: the lists are as long as what is taken from them.
  return { algorithm, jwk: { kty: 'RSA', n, e, d, p, q, dp, dq, qi } as JsonWebKey };
}

function importKey(context: Context): Result {
  const { params } = context;
  const { domain } = zoneForCaller(context, domainName(params.require('domain')));
  const found = jwkIn(params.require('key_data'));
  const type = params.require('key_type');
  if (found === undefined || (type !== 'ksk' && type !== 'zsk')) return no('The system failed to import the key.');
  const { id } = keep(context, { domain, type, ...found });
  return ok({ domain, success: 1, new_key_id: String(id) });
}

function newKey(context: Context, domain: string, type: ZoneKey['type'], algorithm: 8 | 13): ZoneKey {
  const pair = algorithm === 13 ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : undefined;
  const jwk = (pair ?? createPrivateKey(context.host.rsaKey())).export({ format: 'jwk' });
  return keep(context, { domain, type, algorithm, jwk });
}

function keep(context: Context, wanted: Omit<ZoneKey, 'id' | 'created'>): ZoneKey {
  const created = Math.floor(context.host.now() / 1000);
  const key: ZoneKey = { ...wanted, id: context.state.next('zone-key', 1), created };
  context.state.of(zoneKeys).set(`${key.domain} ${key.id}`, key);
  return key;
}

function enable(context: Context): Result {
  const { params } = context;
  const algorithm = Number(params.get('algo_num') ?? '8');
  if (algorithm !== 8 && algorithm !== 13) return no(`The simulator makes no keys of algorithm ${algorithm}.`);
  const types = params.get('key_setup') === 'simple' ? (['csk'] as const) : (['ksk', 'zsk'] as const);
  const enabled = params.list('domain').map((name) => {
    const { domain } = zoneForCaller(context, domainName(name));
    const [first] = types.map((type) => newKey(context, domain, type, algorithm));
    return { domain, enabled: 1, new_key_id: String(first?.id ?? ''), nsec_version: 'NSEC3', nsec_error: '' };
  });
  return ok({ domains: enabled });
}

function shown(key: ZoneKey): Readonly<Record<string, unknown>> {
  const rdata = rdataOf(key);
  const labels = key.domain.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  const digest = createHash('sha256')
    .update(Buffer.concat([...labels, Buffer.from([0])]))
    .update(rdata)
    .digest('hex');
  return {
    active: 1,
    algo_num: key.algorithm,
    algo_tag: names[key.algorithm],
    created: key.created,
    digests: key.type === 'zsk' ? [] : [{ algo_desc: 'SHA-256', algo_num: 2, digest }],
    flags: key.type === 'zsk' ? 256 : 257,
    key_id: key.id,
    key_tag: tagOf(rdata),
    key_type: key.type,
  };
}

function fetchDs(context: Context): Result {
  const found = context.params.list('domain').map((name) => {
    const { domain } = zoneForCaller(context, domainName(name));
    const keys = context.state.of(zoneKeys).by(domain);
    return { domain, ds_records: { keys: Object.fromEntries(keys.map((key) => [String(key.id), shown(key)])) } };
  });
  return ok({ domains: found });
}

function exportKey(context: Context): Result {
  const { domain } = zoneForCaller(context, domainName(context.params.require('domain')));
  const key = context.state.of(zoneKeys).get(`${domain} ${Number(context.params.require('key_id'))}`);
  if (key === undefined) return no('Invalid key_id or domain specified: No such key present for domain.');
  const key_tag = tagOf(rdataOf(key));
  return ok({ domain, key_id: String(key.id), key_content: contentOf(key), key_tag, key_type: key.type });
}

const enableParams = ['domain-#', 'algo_num', 'key_setup', 'active', 'use_nsec3', 'nsec3_narrow'];

export const dnssecWhm: Readonly<Record<string, Entry<Handler>>> = {
  enable_dnssec_for_domains: { run: enable, params: enableParams },
  fetch_ds_records_for_domains: { run: fetchDs, params: ['domain-#'] },
  export_zone_key: exportKey,
  import_zone_key: importKey,
};
