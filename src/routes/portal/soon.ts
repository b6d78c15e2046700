/** What pages read from masters, without ever waiting long: a page is made of what Tandem itself knows. */

import { z } from 'zod';
import type { Actor } from '../../auth/actor.ts';
import type { AccountRow } from '../../operations/model.ts';
import { whm } from '../../whm/call.ts';
import type { PortalDeps, PortalParts } from './deps.ts';
import { readerOf } from './frame.ts';
import { listed, type Names } from './present/reader.ts';
import { ago, type TimeModel } from './present/time.ts';
import type { Remembered } from './remembered.ts';

/** So long a form waits for the names of packages, milliseconds. */
export const patienceMs = 800;
/** A list older than this is fetched once more by the page that shows it, milliseconds. */
const oldMs = 5000;
/** Names of packages are asked for again when they are older, milliseconds. */
const freshMs = 5000;

export interface AccountsNow {
  readonly rows: readonly AccountRow[];
  /** Which master the list is from; '' while none has answered yet. */
  readonly from: string;
  readonly readAt: string;
  /** An operation moved since then. */
  readonly moved: boolean;
}

/** The accounts as they were last read; what is old is read anew meanwhile. Of the journal alone while no master has answered. */
export function accountsNow(parts: { readonly remembered: Remembered }, actor: Actor): Promise<AccountsNow> {
  return parts.remembered.accounts(actor);
}

export interface SourceModel {
  /** 'Read from M1', '' while no master has answered. */
  readonly from: string;
  readonly read: TimeModel;
  /** Who has not answered yet: 'M1 and M2'. */
  readonly unread: string;
  /** A newer list is on its way. */
  readonly old: boolean;
}

/** Where a list is from, for the line below it. */
export function sourceModel(parts: PortalParts, list: AccountsNow, names: Names): SourceModel {
  const all = parts.masters.list.map((master) => names(master.id));
  return {
    from: list.from === '' ? '' : names(list.from),
    read: ago(list.readAt, readerOf(parts)),
    old: list.from !== '' && (list.moved || parts.clock() - Date.parse(list.readAt) > oldMs),
    unread: list.from === '' ? listed(all, parts.say) : '',
  };
}

const listing = z.object({ pkg: z.array(z.looseObject({ name: z.string() })) });

/** The names of packages, newest answer first; [] while no master has told them. */
export type Packages = () => Promise<readonly string[]>;

/** Opens the reading of package names: one read at a time, shared by all pages. */
export function openPackages(parts: PortalDeps): Packages {
  let known: { readonly names: readonly string[]; readonly at: number } | undefined;
  let reading: Promise<void> | undefined;
  async function read(): Promise<void> {
    const { outcome } = await parts.reads.call(whm('listpkgs'));
    const parsed = outcome.kind === 'done' ? listing.safeParse(outcome.data) : undefined;
    if (parsed?.success) known = { names: parsed.data.pkg.map((one) => one.name).toSorted(), at: parts.clock() };
  }
  return async () => {
    if (known !== undefined && parts.clock() - known.at < freshMs) return known.names;
    reading ??= read()
      .catch((error: unknown) => parts.log.info({ error }, 'packages could not be read; the form takes any name'))
      .finally(() => {
        reading = undefined;
      });
    await within(reading, patienceMs);
    return known?.names ?? [];
  };
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
