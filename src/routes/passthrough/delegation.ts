import type { WhmCall } from '../../whm/call.ts';
import type { Outcome } from '../../whm/outcome.ts';
import type { CallAnswer } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import type { Wanted } from './judge.ts';

/**
 * What a registrar is told of a zone's keys is held back until all name servers sign with them. The answer is then a
 * failure with a sentence, since half an answer would be taken for all of it.
 */

/** Functions that answer with a DS record, or with the key that one is made of. */
const tells: ReadonlySet<string> = new Set([
  'fetch_ds_records_for_domains',
  'DNSSEC::fetch_ds_records',
  'DNSSEC::export_zone_dnskey',
]);

function zonesOf({ args }: Wanted): readonly string[] {
  const named = args.filter(([name]) => /^domain(?:-\d+)?$/.test(name));
  return [...new Set(named.map(([, zone]) => zone.toLowerCase().replace(/\.$/, '')))];
}

/** The answer, or why it is not given yet. `ask` puts a question to the master that it came from. */
export async function heldBack(
  { whyKeysHeld }: PassthroughDeps,
  wanted: Wanted,
  answer: CallAnswer,
  ask: (call: WhmCall) => Promise<Outcome>,
): Promise<CallAnswer> {
  if (!answer.ok || whyKeysHeld === undefined || !tells.has(wanted.fn)) return answer;
  const why = await whyKeysHeld(zonesOf(wanted), ask);
  return why === undefined ? answer : { ok: false, reason: `The DS records are not shown yet. ${why}` };
}
