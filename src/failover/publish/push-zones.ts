import { readFile } from 'node:fs/promises';
import { messageOf } from '../../errors.ts';
import { inFlight } from '../apply/files.ts';
import type { Zone } from '../zone/model.ts';
import { parseZone } from '../zone/parse.ts';
import type { FreshZone, PushFailure, PushOptions } from './publisher.ts';
import { type RecordSet, recordSets, switchedSets } from './record-sets.ts';

/** For servers that take records: each zone's file is read, and what it must have is pushed. */

export interface WantedZone {
  /** Without the closing dot. */
  readonly zone: string;
  readonly apex: string;
  readonly serial: number;
  readonly soa: RecordSet | undefined;
  readonly sets: readonly RecordSet[];
  readonly scope: PushOptions['scope'];
}

function wantedOf(
  fresh: FreshZone,
  zone: Zone,
  scope: PushOptions['scope'],
  isMasters: (key: string) => boolean,
): WantedZone {
  const all = recordSets(zone);
  return {
    zone: fresh.zone,
    apex: zone.apex,
    serial: zone.serial,
    soa: all.find(({ type, name }) => type === 'SOA' && name === zone.apex),
    sets: scope === 'everything' ? all : switchedSets(zone, isMasters),
    scope,
  };
}

/** Pushes each zone by `work`, a few at a time; what one of them throws is that zone's failure. */
export async function pushEach(
  zones: readonly FreshZone[],
  options: PushOptions,
  rest: { readonly width: number; isMasters(key: string): boolean; work(wanted: WantedZone): Promise<void> },
): Promise<readonly PushFailure[]> {
  const failures: PushFailure[] = [];
  await inFlight(zones, rest.width, async (fresh) => {
    if (options.signal.aborted) return;
    try {
      const parsed = parseZone(await readFile(fresh.file, 'latin1'), fresh.zone);
      if (!parsed.ok) throw new Error(`line ${parsed.line}: ${parsed.reason}`);
      // What a directive makes would be taken for removed.
      if (options.scope === 'everything' && parsed.zone.directives.length > 0) {
        throw new Error('$INCLUDE and $GENERATE cannot be pushed as records');
      }
      await rest.work(wantedOf(fresh, parsed.zone, options.scope, rest.isMasters));
    } catch (error) {
      failures.push({ zone: fresh.zone, reason: messageOf(error) });
    }
  });
  return failures;
}
