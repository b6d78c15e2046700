import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  Route53Client,
  type RRType,
} from '@aws-sdk/client-route-53';
import { inFlight } from '../apply/files.ts';
import { ProviderRefused } from './powerdns-api.ts';
import type { NameServer, Publisher } from './publisher.ts';
import { pushEach, type WantedZone } from './push-zones.ts';
import { changesBetween, type RecordSet } from './record-sets.ts';

export interface Route53Options {
  readonly name: string;
  readonly servers: readonly NameServer[];
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Another base URL, for a proxy or a stand-in. */
  readonly url?: string;
  readonly isMasters: (address: string) => boolean;
}

/** Changes a call may hold; AWS counts records and takes 1,000. */
const perCall = 300;

/** Route 53 escapes what is not a plain letter as \ooo, in octal. */
function plainName(name: string): string {
  return name.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))).toLowerCase();
}

/** An alias, or one of several by weight or place, is steered by hand and no set of ours. */
function plainSet(one: ResourceRecordSet): readonly RecordSet[] {
  if (one.AliasTarget !== undefined || one.SetIdentifier !== undefined) return [];
  const data = (one.ResourceRecords ?? []).map(({ Value }) => Value ?? '');
  return [{ name: plainName(one.Name ?? ''), type: one.Type ?? '', ttl: one.TTL ?? 0, data }];
}

function change(action: 'UPSERT' | 'DELETE', { name, type, ttl, data }: RecordSet) {
  return {
    Action: action,
    ResourceRecordSet: {
      Name: name,
      // The SDK's list of types is closed; what Route 53 does not know it refuses, with words.
      Type: type as RRType,
      TTL: ttl,
      ResourceRecords: data.map((Value) => ({ Value })),
    },
  };
}

type Start = Pick<ListResourceRecordSetsCommandInput, 'StartRecordName' | 'StartRecordType' | 'StartRecordIdentifier'>;

/** Where the next page of a list begins. */
function startOf(page: ListResourceRecordSetsCommandOutput): Start {
  const { NextRecordName: name, NextRecordType: type, NextRecordIdentifier: identifier } = page;
  return {
    ...(name === undefined ? {} : { StartRecordName: name }),
    ...(type === undefined ? {} : { StartRecordType: type }),
    ...(identifier === undefined ? {} : { StartRecordIdentifier: identifier }),
  };
}

interface Zones {
  idOf(apex: string, abortSignal: AbortSignal): Promise<string>;
  there(id: string, abortSignal: AbortSignal): Promise<readonly RecordSet[]>;
}

/** Reads of hosted zones; their ids are remembered. */
function zonesOf(client: Route53Client, name: string): Zones {
  const ids = new Map<string, string>();

  async function idOf(apex: string, abortSignal: AbortSignal): Promise<string> {
    const known = ids.get(apex);
    if (known !== undefined) return known;
    const found = await client.send(new ListHostedZonesByNameCommand({ DNSName: apex, MaxItems: 10 }), { abortSignal });
    // Private zones of the same name are not what the world asks.
    const zone = found.HostedZones?.find((one) => one.Name === apex && one.Config?.PrivateZone !== true);
    if (zone?.Id === undefined) throw new ProviderRefused(`${name} has no hosted zone ${apex}`);
    ids.set(apex, zone.Id);
    return zone.Id;
  }

  async function there(id: string, abortSignal: AbortSignal): Promise<readonly RecordSet[]> {
    const sets: RecordSet[] = [];
    let next: Start | undefined = {};
    while (next !== undefined) {
      const page: ListResourceRecordSetsCommandOutput = await client.send(
        new ListResourceRecordSetsCommand({ HostedZoneId: id, ...next }),
        { abortSignal },
      );
      sets.push(...(page.ResourceRecordSets ?? []).flatMap(plainSet));
      next = page.IsTruncated === true ? startOf(page) : undefined;
    }
    return sets;
  }

  return { idOf, there };
}

/** Amazon Route 53 by its own SDK, which signs, paces and retries. Its serials are its own. */
export function route53Publisher(options: Route53Options): Publisher {
  const { accessKeyId, secretAccessKey, url } = options;
  const client = new Route53Client({
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 6,
    ...(url === undefined ? {} : { endpoint: url }),
  });
  const { idOf, there } = zonesOf(client, options.name);

  async function work(wanted: WantedZone, abortSignal: AbortSignal): Promise<void> {
    const id = await idOf(wanted.apex, abortSignal);
    const changes =
      wanted.scope === 'everything'
        ? changesBetween(await there(id, abortSignal), wanted.sets, wanted.apex)
        : { upsert: wanted.sets, remove: [] };
    const all = [
      ...changes.remove.map((set) => change('DELETE', set)),
      ...changes.upsert.map((set) => change('UPSERT', set)),
    ];
    const calls = Array.from({ length: Math.ceil(all.length / perCall) }, (_, at) =>
      all.slice(at * perCall, (at + 1) * perCall),
    );
    await inFlight(calls, 1, async (Changes) => {
      await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Changes } }), {
        abortSignal,
      });
    });
  }

  return {
    name: options.name,
    servers: options.servers.map((server) => ({ ...server, keepsSerial: false })),
    push: (zones, pushing) =>
      // AWS takes five requests a second for an account; the SDK waits and repeats.
      pushEach(zones, pushing, {
        width: 3,
        isMasters: options.isMasters,
        work: (wanted) => work(wanted, pushing.signal),
      }),
    close: async () => client.destroy(),
  };
}
