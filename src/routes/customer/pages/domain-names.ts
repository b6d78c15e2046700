/** The account's own domains, for fields that choose one. */
import { domainsOf } from '../account-facts.ts';
import type { Visit } from '../visit.ts';
import { accountRow } from '../who.ts';

/** From memory, the chosen one first; while nobody has told, the main domain alone, which Tandem knows itself. */
export async function domainNames(visit: Visit): Promise<readonly string[]> {
  const { value } = await domainsOf(visit);
  if (value === undefined) {
    const { row } = await accountRow(visit.parts, visit.account);
    return row === undefined ? [] : [row.domain];
  }
  const all = [value.main_domain, ...value.addon_domains, ...value.sub_domains, ...value.parked_domains];
  return [...new Set(all.toSorted((a, b) => Number(b === visit.chosen) - Number(a === visit.chosen)))];
}
