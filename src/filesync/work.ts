import { unknown } from './model.ts';
import type { OpenSite } from './open-site.ts';
import { remember, split } from './site.ts';

/**
 * Operations of Tandem that make, restore or remove a home: while one works on an account its files do not travel, and
 * what it removes was deleted by nobody. Kept apart from pauses by hand, and over a restart.
 */
export async function beginWork(site: OpenSite, account: string, operation: string): Promise<void> {
  const { working } = site.stops;
  for (const tree of site.homes) {
    const unit = `${tree}/${account}`;
    working[unit] = [...new Set([...(working[unit] ?? []), operation])];
  }
  site.keepStops();
  await site.store.commit();
}

/**
 * The operation is over. Answers the accounts that go on and must be looked at whole; one whose home is not here any
 * more is forgotten, so that its end is told to nobody.
 */
export async function endWork(site: OpenSite, account: string, operation: string): Promise<readonly string[]> {
  const { working } = site.stops;
  const freed: string[] = [];
  for (const tree of site.homes) {
    const unit = `${tree}/${account}`;
    const left = (working[unit] ?? []).filter((id) => id !== operation);
    if (left.length > 0) working[unit] = left;
    else if (Object.hasOwn(working, unit)) {
      delete working[unit];
      freed.push(unit);
    }
  }
  site.keepStops();
  const here = freed.filter((unit) => isHere(site, unit));
  for (const unit of freed) if (!here.includes(unit)) forget(site, unit);
  await site.store.commit();
  return here;
}

/** Whether an account's files travel. Kept apart from pauses by hand, and over a restart. */
export async function travels(site: OpenSite, account: string, does: boolean): Promise<void> {
  const { off } = site.stops;
  for (const tree of site.homes) {
    if (does) delete off[`${tree}/${account}`];
    else off[`${tree}/${account}`] = true;
  }
  site.keepStops();
  await site.store.commit();
}

function isHere(site: OpenSite, unit: string): boolean {
  const at = split(site, unit);
  return at?.branch.tree.look(at.relative, site.now())?.kind === 'directory';
}

/** As if the account had never been. A new one of the same name is another. */
function forget(site: OpenSite, unit: string): void {
  for (const [key] of [...site.store.under(unit)]) remember(site, key, unknown);
  remember(site, unit, unknown);
  delete site.stops.held[unit];
  for (const map of [site.files, site.peaks, site.tallies, site.heldOffers]) map.delete(unit);
}
