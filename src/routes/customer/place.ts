import type { Chip } from '../../operations/model.ts';
import type { Copies, CustomerParts } from './deps.ts';
import { durationIn, shortIn } from './present/time.ts';
import { type CustomerSay, type Language, sayIn } from './texts/index.ts';
import { accountRow } from './who.ts';

/** Copies that are at most this many seconds behind are in step: files travel by themselves all the time. */
export const inStepSeconds = 5;

/** Where the account lives and how its copies stand, as one line. From Tandem's own data; '' for a page without. */
export async function placeOf(parts: CustomerParts, language: Language, account: string): Promise<string> {
  const say = sayIn(language);
  try {
    const [copies, { row }] = await Promise.all([parts.copies(account), accountRow(parts, account)]);
    return [servedFrom(parts, say, language, copies), ...copySentences(parts, language, copies, row?.chips ?? [])].join(
      ' ',
    );
  } catch (error) {
    parts.log.warn({ error, account }, 'where an account lives could not be read');
    return say('place.unknown');
  }
}

function servedFrom(parts: CustomerParts, say: CustomerSay, language: Language, copies: Copies): string {
  const { site, name } = parts.masters.get(copies.active);
  const { since } = copies;
  if (since === undefined) return say('place.served', { site, name });
  return say('place.served.since', { site, name, since: shortIn(language, since, parts.clock()) });
}

/** One sentence for each master that is not the active one. */
export function copySentences(
  parts: Pick<CustomerParts, 'masters'>,
  language: Language,
  copies: Copies,
  chips: readonly Chip[],
): readonly string[] {
  const say = sayIn(language);
  return parts.masters.list
    .filter((master) => master.id !== copies.active)
    .map(({ id, site }) => {
      const state = chips.find((chip) => chip.master === id)?.state ?? 'unseen';
      if (state === 'unseen') return say('place.unreachable', { site });
      if (state !== 'in-step') return say('place.waiting', { site });
      const behind = Math.max(copies.filesBehind ?? 0, copies.databasesBehind ?? 0);
      return behind > inStepSeconds
        ? say('place.behind', { site, time: durationIn(language, behind) })
        : say('place.step', { site });
    });
}
