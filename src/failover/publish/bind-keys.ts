import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto';
import { chown, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ZoneKey } from '../../whm/zone-keys.ts';
import { replaceFile } from '../apply/files.ts';
import { keyTagOf } from './dnssec.ts';
import { ProviderRefused } from './powerdns-api.ts';

/**
 * Keys as BIND reads them: three files each in a folder of their own, and for every zone a policy that names exactly the
 * keys that lie there. Under any other policy BIND would retire them and make its own. It also retires the second of two
 * keys of one role, algorithm and length, whichever that is: so none is taken beside another that is alike.
 */

/** A key that lies in the folder. */
export interface BindKey {
  readonly zone: string;
  readonly tag: number;
  readonly algorithm: number;
  /** Of an RSA key. */
  readonly bits: number;
  /** Signs the zone's keys. */
  readonly isKsk: boolean;
  /** Signs everything else. */
  readonly isZsk: boolean;
}

const names: Readonly<Record<number, string>> = {
  8: 'RSASHA256',
  10: 'RSASHA512',
  13: 'ECDSAP256SHA256',
  14: 'ECDSAP384SHA384',
  15: 'ED25519',
  16: 'ED448',
};
const curves: Readonly<Record<number, string>> = { 13: 'prime256v1', 14: 'secp384r1' };
/** What stands before an Edwards key in PKCS #8 (RFC 8410, 7). */
const edwards: Readonly<Record<number, string>> = {
  15: '302e020100300506032b657004220420',
  16: '3047020100300506032b6571043b0439',
};

type Fields = ReadonlyMap<string, Buffer>;

function fieldsOf(secret: string): Fields {
  return new Map(
    secret.split('\n').map((line) => {
      const [name = '', value = ''] = line.split(': ');
      return [name, Buffer.from(value, 'base64')] as const;
    }),
  );
}

/** The public part as it stands in a DNSKEY record (RFC 3110, 6605, 8080). Throws for a broken key. */
function publicPart(algorithm: number, fields: Fields): Buffer {
  const field = (name: string): Buffer => fields.get(name) ?? Buffer.alloc(0);
  const [curve, before] = [curves[algorithm], edwards[algorithm]];
  if (curve !== undefined) {
    const pair = createECDH(curve);
    pair.setPrivateKey(field('PrivateKey'));
    return pair.getPublicKey().subarray(1);
  }
  if (before !== undefined) {
    const key = Buffer.concat([Buffer.from(before, 'hex'), field('PrivateKey')]);
    const { x = '' } = createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' })).export({
      format: 'jwk',
    });
    return Buffer.from(x, 'base64url');
  }
  const [exponent, modulus] = [field('PublicExponent'), field('Modulus')];
  const { length } = exponent;
  const head = length < 256 ? [length] : [0, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), exponent, modulus]);
}

/** 'Kshop.example.+013+04711': what each of its files begins with. */
function nameOf({ zone, tag, algorithm }: Pick<BindKey, 'zone' | 'tag' | 'algorithm'>): string {
  return `K${zone}.+${String(algorithm).padStart(3, '0')}+${String(tag).padStart(5, '0')}`;
}

/** '20261129120000'. */
function bindTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14);
}

/** A key as it will lie there, and its files. */
interface KeyFiles {
  readonly made: BindKey;
  readonly key: string;
  readonly private: string;
  readonly state: string;
}

/** A key's files. Throws ProviderRefused for one that BIND cannot use, or that is not what WHM said. */
export function keyFilesOf(key: ZoneKey, secret: string, now: number): KeyFiles {
  const { zone, tag, algorithm, type, signsAll } = key;
  const name = names[algorithm];
  const refuse = (why: string): never => {
    throw new ProviderRefused(`key ${tag} of ${zone} is not taken: ${why}`);
  };
  if (name === undefined) return refuse(`algorithm ${algorithm} is not known here`);
  const fields = fieldsOf(secret);
  const flags = type === 'ksk' ? 257 : 256;
  const data = publicPart(algorithm, fields);
  const rdata = Buffer.concat([Buffer.from([flags >> 8, flags & 255, 3, algorithm]), data]);
  if (keyTagOf(rdata) !== tag) return refuse(`what was exported is key ${keyTagOf(rdata)}`);
  const time = bindTime(now);
  const bits = curves[algorithm] === undefined ? (fields.get('Modulus') ?? data).length * 8 : data.length * 4;
  const lines = secret.trimEnd().split('\n').slice(2);
  const times = [`Created: ${time}`, `Publish: ${time}`, `Activate: ${time}`];
  const said = (value: boolean): string => (value ? 'yes' : 'no');
  const made = { zone, tag, algorithm, bits, isKsk: type === 'ksk', isZsk: type === 'zsk' || signsAll };
  return {
    made,
    key: `${zone}. IN DNSKEY ${flags} 3 ${algorithm} ${data.toString('base64')}\n`,
    private: `${['Private-key-format: v1.3', `Algorithm: ${algorithm} (${name})`, ...lines, ...times].join('\n')}\n`,
    state: `; This is the state of key ${tag}, for ${zone}.
Algorithm: ${algorithm}
Length: ${bits}
Lifetime: 0
KSK: ${said(made.isKsk)}
ZSK: ${said(made.isZsk)}
Generated: ${time}
Published: ${time}
Active: ${time}
GoalState: omnipresent
`,
  };
}

/**
 * Puts a key into the folder, for the folder's owner. The state comes last: without it there is no key. `there`: the
 * zone's other keys. Throws ProviderRefused for one that BIND cannot have beside them.
 */
export async function writeKey(
  dir: string,
  { key, secret, there }: { readonly key: ZoneKey; readonly secret: string; readonly there: readonly BindKey[] },
  now: number,
): Promise<void> {
  const files = keyFilesOf(key, secret, now);
  const alike = there.find((one) => roleOf(one) === roleOf(files.made));
  if (alike !== undefined) {
    const why = `BIND keeps one key of a kind, and has ${alike.tag}; see docs/publishing.md, Signed zones`;
    throw new ProviderRefused(`key ${key.tag} of ${key.zone} is not taken: ${why}`);
  }
  const { uid, gid } = await stat(dir);
  for (const kind of ['private', 'key', 'state'] as const) {
    const file = join(dir, `${nameOf(key)}.${kind}`);
    await replaceFile(file, files[kind], kind === 'private' ? 0o600 : 0o644);
    const made = await stat(file);
    if (made.uid !== uid || made.gid !== gid) await chown(file, uid, gid);
  }
}

/** Takes a key back that BIND would not have. */
export async function removeKey(dir: string, key: ZoneKey): Promise<void> {
  for (const kind of ['state', 'key', 'private']) await rm(join(dir, `${nameOf(key)}.${kind}`), { force: true });
}

const fileName = /^K([a-z0-9_.-]+)\.\+(\d{3})\+(\d{5})\.state$/;

function keyIn(text: string, [, zone = '', algorithm, tag]: readonly string[]): BindKey {
  const said = (name: string): string => new RegExp(`^${name}: (\\S+)`, 'm').exec(text)?.[1] ?? '';
  return {
    ...{ zone, tag: Number(tag), algorithm: Number(algorithm), bits: Number(said('Length')) },
    ...{ isKsk: said('KSK') === 'yes', isZsk: said('ZSK') === 'yes' },
  };
}

/** The keys in the folder, by zone. */
export async function keysIn(dir: string): Promise<ReadonlyMap<string, readonly BindKey[]>> {
  const keys = new Map<string, BindKey[]>();
  for (const file of (await readdir(dir)).sort()) {
    const found = fileName.exec(file);
    if (found === null) continue;
    const key = keyIn(await readFile(join(dir, file), 'utf8'), found);
    keys.set(key.zone, [...(keys.get(key.zone) ?? []), key]);
  }
  return keys;
}

/** 'ksk8-2048': what a policy must say of a key. */
function roleOf({ isKsk, isZsk, algorithm, bits }: BindKey): string {
  const role = isKsk && isZsk ? 'csk' : isKsk ? 'ksk' : 'zsk';
  return algorithm < 13 ? `${role}${algorithm}-${bits}` : `${role}${algorithm}`;
}

/** BIND refuses its whole configuration for an algorithm of which a role is missing. */
function whole(keys: readonly BindKey[]): readonly BindKey[] {
  const has = (algorithm: number, role: 'isKsk' | 'isZsk'): boolean =>
    keys.some((key) => key.algorithm === algorithm && key[role]);
  return keys.filter(({ algorithm }) => has(algorithm, 'isKsk') && has(algorithm, 'isZsk'));
}

/** What the list of zones says of signing. */
export interface SigningLines {
  /** The policies. */
  readonly head: string;
  /** Words in a zone's statement. */
  of(zone: string): string;
}

/** Policies for what lies in the folder. Nothing is ever rolled or removed: only people know what a resolver relies on. */
export function signingLines(dir: string, keys: ReadonlyMap<string, readonly BindKey[]>): SigningLines {
  const roles = new Map<string, readonly string[]>();
  for (const [zone, all] of keys) {
    const found = whole(all).map(roleOf).sort();
    if (found.length > 0) roles.set(zone, found);
  }
  const nameFor = (found: readonly string[]): string => `tandem-${found.join('-')}`;
  const policies = new Map([...roles.values()].map((found) => [nameFor(found), found]));
  const lines = [...policies].sort().map(([name, found]) => {
    const said = found.map((one) => {
      const [, role, algorithm, bits = ''] = /^([a-z]+)(\d+)-?(\d*)$/.exec(one) ?? [];
      return `${role} lifetime unlimited algorithm ${algorithm}${bits === '' ? '' : ` ${bits}`};`;
    });
    return `dnssec-policy "${name}" { keys { ${said.join(' ')} }; purge-keys 0; };\n`;
  });
  return {
    head: lines.join(''),
    of(zone) {
      const found = roles.get(zone);
      if (found === undefined) return '';
      return ` dnssec-policy "${nameFor(found)}"; inline-signing yes; key-directory "${dir}";`;
    },
  };
}
