import { type Edit, editZone, lookAtZone, readZone, type ZoneLine, type ZoneRecord } from '../../actions/zone.ts';
import { type WhmCall, whm } from '../../whm/call.ts';
import type { WhmClient } from '../../whm/client.ts';
import { askWhmKeys, readWhmKeys, type ZoneKey } from '../../whm/zone-keys.ts';
import { inFlight } from '../apply/files.ts';
import { addressOf } from '../zone/address.ts';
import { ProviderRefused } from './powerdns-api.ts';
import type { NameServer, Publisher } from './publisher.ts';
import { pushEach, type WantedZone } from './push-zones.ts';

export interface CpanelDnsOptions {
  readonly name: string;
  readonly servers: readonly NameServer[];
  /** One client for each DNS-only server: they are told one by one, and need no cluster among them. */
  readonly clients: readonly WhmClient[];
  readonly isMasters: (address: string) => boolean;
}

function same(a: ZoneRecord, b: ZoneRecord): boolean {
  const words = ({ type, data }: ZoneRecord): string =>
    data.map((word) => (type === 'A' || type === 'AAAA' ? (addressOf(word)?.key ?? word) : word)).join(' ');
  return words(a) === words(b) && a.ttl === b.ttl;
}

/** The edit of one set: what stands right stays, a wrong line gets a missing value, the rest comes or goes. */
export function setEdit(there: readonly ZoneLine[], wanted: readonly ZoneRecord[]): Required<Edit> {
  const missing = wanted.filter((record) => !there.some((line) => same(line, record)));
  const wrong = there.filter((line) => !wanted.some((record) => same(line, record)));
  const edit = wrong.slice(0, missing.length).flatMap(({ line }, at) => {
    const record = missing[at];
    return record === undefined ? [] : [{ line, record }];
  });
  return { edit, add: missing.slice(edit.length), remove: wrong.slice(edit.length).map(({ line }) => line) };
}

/** A, AAAA only have one word; the hints of HTTPS are several. */
function recordsOf({ sets }: WantedZone): readonly (readonly ZoneRecord[])[] {
  return sets.map(({ name, type, ttl, data }) => data.map((one) => ({ name, type, ttl, data: one.split(' ') })));
}

/**
 * cPanel's DNS-only servers by WHM API 1: the zone is read and edited with the serial that was read, so nothing that
 * somebody else writes at the same moment is lost. WHM counts the serial itself. A call a zone and server takes its
 * time: for thousands of zones run a watcher on these servers and let it write their files.
 */
export function cpanelDnsPublisher(options: CpanelDnsOptions): Publisher {
  async function done(client: WhmClient, call: WhmCall): Promise<unknown> {
    const outcome = await client.call(call);
    if (outcome.kind === 'done') return outcome.data;
    throw new ProviderRefused(`${options.name}: ${call.fn}: ${outcome.reason}`);
  }

  async function work(client: WhmClient, wanted: WantedZone): Promise<void> {
    const data = await done(client, lookAtZone(wanted.zone));
    const read = readZone([{ ok: true, data }], 0, wanted.zone);
    if (!read.ok) throw new ProviderRefused(`${options.name}: ${read.reason}`);
    const zone = read.value;
    const edits = recordsOf(wanted).map((records) => {
      const [first] = records;
      const like = zone.records.filter(({ name, type }) => name === first?.name && type === first.type);
      return setEdit(like, records);
    });
    const edit = {
      add: edits.flatMap((one) => one.add),
      edit: edits.flatMap((one) => one.edit),
      remove: edits.flatMap((one) => one.remove),
    };
    if (edit.add.length + edit.edit.length + edit.remove.length === 0) return;
    await done(client, editZone(wanted.zone, zone, edit));
  }

  async function importTo(client: WhmClient, key: ZoneKey, secret: string): Promise<void> {
    const there = readWhmKeys(await done(client, askWhmKeys([key.zone]))) ?? [];
    if (there.some(({ zone, tag }) => zone === key.zone && tag === key.tag)) return;
    await done(client, whm('import_zone_key', { domain: key.zone, key_data: secret, key_type: key.type }));
  }

  return {
    name: options.name,
    async importKey(key, secret) {
      await inFlight(options.clients, options.clients.length, (client) => importTo(client, key, secret));
    },
    servers: options.servers.map((server) => ({ ...server, keepsSerial: false })),
    push: (zones, pushing) =>
      pushEach(zones, pushing, {
        width: 4,
        isMasters: options.isMasters,
        work: (wanted) => inFlight(options.clients, options.clients.length, (client) => work(client, wanted)),
      }),
    async close() {
      await Promise.all(options.clients.map((client) => client.close()));
    },
  };
}
