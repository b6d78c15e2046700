import { z } from 'zod';
import type { Masters } from '../../masters.ts';
import { type WhmCall, whm } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import { apply, define, exclusive, type Place, type Plan, refused, settled } from '../define.ts';
import * as seen from '../domain/seen.ts';
import { allOf, type DomainData, type Domains, notYours } from '../domain/seen.ts';
import { applyAll } from '../plans.ts';
import { type Edit, editZone, isStale, lookAtZone, readZone, type Zone, type ZoneLine } from '../zone.ts';
import { type OwnName, ownNamesOf } from './names.ts';

const params = z.strictObject({
  account: seen.accountField,
  domain: seen.domainField,
});

type Params = z.output<typeof params>;

interface Seen {
  readonly domains: Readable<Domains>;
  readonly data: DomainData | undefined;
  readonly zone: Readable<Zone>;
  /** What is known of each own name, in the order of the masters. */
  readonly own: readonly (DomainData | undefined)[];
}

/** Long enough to cost nothing: no switch changes these records. */
const ttl = 14_400;
const pointing = new Set(['A', 'AAAA', 'CNAME']);

/** Which domains get such names: those with a zone of their own. */
function hasZone({ main_domain, addon_domains, parked_domains }: Domains, domain: string): boolean {
  return [main_domain, ...addon_domains, ...parked_domains].includes(domain);
}

/** The masters' addresses that the domain points at, else the one that its web server answers at. */
export function addressesOf(domain: string, zone: Zone, ip: string | undefined, masters: Masters): readonly string[] {
  const there = zone.records
    .filter((r) => r.name === `${domain}.` && (r.type === 'A' || r.type === 'AAAA'))
    .flatMap((r) => r.data.slice(0, 1))
    .filter((address) => masters.owns(address));
  if (there.length > 0) return there;
  return ip !== undefined && masters.owns(ip) ? [ip] : masters.list.slice(0, 1).map(({ address }) => address);
}

/** What must stand at an own name: 'A 192.0.2.1'. */
export function wantedAt(own: OwnName, addresses: readonly string[], masters: Masters): readonly string[] {
  const texts = addresses
    .map((address) => masters.translate(address, own.master))
    .map((address) => `${address.includes(':') ? 'AAAA' : 'A'} ${address}`);
  return [...new Set(texts)];
}

function textOf(record: ZoneLine): string {
  return `${record.type} ${record.data[0] ?? ''}`;
}

/** What stands at an own name and points somewhere. */
export function pointersAt(zone: Zone, name: string): readonly ZoneLine[] {
  return zone.records.filter((r) => r.name === `${name}.` && pointing.has(r.type));
}

/** A record that somebody made for a purpose of their own. */
export function strangersIn(zone: Zone, names: readonly OwnName[], masters: Masters): ZoneLine | undefined {
  return names
    .flatMap(({ name }) => pointersAt(zone, name))
    .find((r) => r.type === 'CNAME' || !masters.owns(r.data[0] ?? ''));
}

/** cPanel gives every subdomain an address at the server that it is made on, and a www below it: neither is wanted here. */
function editOf(zone: Zone, names: readonly OwnName[], addresses: readonly string[], masters: Masters): Edit {
  const parts = names.map((own) => {
    const wanted = wantedAt(own, addresses, masters);
    const there = pointersAt(zone, own.name);
    const below = pointersAt(zone, `www.${own.name}`).filter(
      (r) => r.type === 'CNAME' || masters.owns(r.data[0] ?? ''),
    );
    return {
      add: wanted
        .filter((text) => !there.some((r) => textOf(r) === text))
        .map((text) => {
          const [type = 'A', address = ''] = text.split(' ');
          return { name: `${own.name}.`, type, ttl, data: [address] };
        }),
      remove: [...there.filter((r) => !wanted.includes(textOf(r))), ...below].map(({ line }) => line),
    };
  });
  return { add: parts.flatMap(({ add }) => add), remove: parts.flatMap(({ remove }) => remove).sort((a, b) => a - b) };
}

/** Home folders may lie on different disks: only what is below them is said. */
function folderOf(documentroot: string): string {
  return documentroot.replace(/^\/[^/]+\/[^/]+\//, '');
}

function hostCalls(names: readonly OwnName[], domains: Domains, folder: string): readonly WhmCall[] {
  return names
    .filter(({ name }) => !domains.sub_domains.includes(name))
    .map(({ name }) => whm('create_subdomain', { domain: name, document_root: folder }));
}

function taken(p: Params, s: Seen, domains: Domains, names: readonly OwnName[], folder: string): string | undefined {
  if (!hasZone(domains, p.domain)) return notYours(p.domain);
  const other = names.find(({ name }) => !domains.sub_domains.includes(name) && allOf(domains).includes(name));
  if (other !== undefined) return seen.alreadyThere(other.name);
  const foreign = names.find((_, at) => !seen.hasFolder(s.own[at], folder));
  return foreign === undefined ? undefined : `${foreign.name} is a site of its own in another folder; it stays so.`;
}

function plan(p: Params, s: Seen, domains: Domains, { masters }: Place): Plan {
  const names = ownNamesOf(masters, p.domain);
  if (names.length === 0) return refused('No domain has names of single servers here: ownNames is off.');
  const folder = folderOf(s.data?.documentroot ?? '');
  const why = taken(p, s, domains, names, folder);
  if (why !== undefined) return refused(why);
  if (!s.zone.ok) return refused(s.zone.reason);
  const zone = s.zone.value;
  const stranger = strangersIn(zone, names, masters);
  if (stranger !== undefined)
    return refused(`${stranger.name.replace(/\.$/, '')} points elsewhere already (${textOf(stranger)}); it stays so.`);
  if (folder === '') return refused(`Nobody tells where the site of ${p.domain} lies.`);
  const hosts = hostCalls(names, domains, folder);
  // The zone comes alone, once the virtual hosts are there: each of them writes the zone, and moves its serial.
  if (hosts.length > 0) return applyAll(hosts);
  const edit = editOf(zone, names, addressesOf(p.domain, zone, s.data?.ip ?? undefined, masters), masters);
  const isThere = (edit.add?.length ?? 0) + (edit.remove?.length ?? 0) === 0;
  return isThere ? settled : apply(editZone(p.domain, zone, edit));
}

/**
 * www1 and www2 of a domain: virtual hosts of its own document root on every master, so that AutoSSL covers them, and
 * records that say on every master the same: www1 is the first one, www2 the second. No switch moves them.
 */
export const installOwnNames = define({
  id: 'own-names.install',
  title: 'Install www1 and www2',
  audience: ['staff', 'reseller'],
  params,
  again: 'read back',
  proof: 'look',
  longestSeconds: 300,
  stale: isStale,
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`), exclusive(`domain:${p.domain}`)],
  observe: (p, { masters }) => [
    seen.lookAtDomains(p.account),
    seen.lookAtDomain(p.account, p.domain),
    lookAtZone(p.domain),
    ...ownNamesOf(masters, p.domain).map(({ name }) => seen.lookAtDomain(p.account, name)),
  ],
  read: (p, answers, { masters }): Seen => ({
    domains: seen.readDomains(answers, 0),
    data: seen.readDomain(answers, 1),
    zone: readZone(answers, 2, p.domain),
    own: ownNamesOf(masters, p.domain).map((_, at) => seen.readDomain(answers, 3 + at)),
  }),
  plan: (p, s, place) => when(s.domains, (domains) => plan(p, s, domains, place)),
});
