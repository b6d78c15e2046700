/** `tandem doctor` on signed zones: which they are, whether all sign with the same keys, and whether signing goes on. */
import type { PublishConfig } from '../config-publish.ts';
import { messageOf } from '../errors.ts';
import { listZones } from '../failover/apply/files.ts';
import { type SignedZone, signedZones } from '../failover/publish/signatures.ts';
import { counted, type DoctorCheck } from './doctor-judge.ts';

/** So many bad ones are named each; the rest is counted. */
const named = 5;
const limitMs = 60_000;
const check = 'dnssec';

/** What is said of the signed ones among so many zones. Pure. */
export function judgeSigned(all: number, signed: readonly SignedZone[]): readonly DoctorCheck[] {
  if (signed.length === 0)
    return [{ check, state: 'ok', sentence: `None of ${counted(all, 'zone')} is signed by its name servers.` }];
  const bad = signed.filter(({ isSound }) => !isSound);
  const good = signed.filter(({ isSound }) => isSound);
  const soonest = Math.min(...good.map(({ until }) => until ?? Number.POSITIVE_INFINITY));
  const lines = bad.slice(0, named).map(
    ({ zone, message }): DoctorCheck => ({
      check,
      state: 'failed',
      sentence: `${zone}: ${message}`,
      hint: 'A switch of it may not be believed. See docs/publishing.md, Signed zones.',
    }),
  );
  const more = bad.length - lines.length;
  return [
    ...lines,
    ...(more > 0 ? [{ check, state: 'failed', sentence: `${more} more signed zones need a hand.` } as const] : []),
    ...(good.length === 0
      ? []
      : [
          {
            check,
            state: 'ok',
            sentence: `${counted(good.length, 'zone is', 'zones are')} signed, by all name servers with the same keys, and signed anew in time; the first signature ends on ${new Date(soonest).toISOString().slice(0, 10)}.`,
          } as const,
        ]),
  ];
}

/** Asks the name servers that this machine publishes to; nothing where it publishes none. */
export async function doctorSignatures(
  publish: PublishConfig | undefined,
  now: number,
): Promise<readonly DoctorCheck[]> {
  if (publish === undefined) return [];
  const servers = [...publish.servers.flatMap(({ answers }) => answers), ...publish.others];
  const looking = { servers, resolver: publish.resolver };
  try {
    const { zones } = await listZones(publish.zones);
    return judgeSigned(zones.length, await signedZones(looking, zones, now, AbortSignal.timeout(limitMs)));
  } catch (error) {
    return [{ check, state: 'warning', sentence: `Which zones are signed cannot be told: ${messageOf(error)}` }];
  }
}
