/** What staff write down beside the work itself: notes, saved zones, maintenance windows, how a portal looks. */

import { ulid } from 'ulid';
import { Invalid, Refused } from '../errors.ts';
import type { AccountNotesTable, BrandsTable, MaintenanceTable, ZoneSavesTable } from '../store/auth-tables.ts';
import { brandIssues } from './brand-rules.ts';
import type { AuthDeps } from './journal.ts';

export type Note = Readonly<AccountNotesTable>;
export type Maintenance = Readonly<MaintenanceTable>;
export type Brand = Readonly<BrandsTable>;
export type ZoneSave = Readonly<ZoneSavesTable>;

export interface Desk {
  notes(account: string): Promise<readonly Note[]>;
  noteAdd(account: string, author: string, text: string): Promise<void>;
  noteRemove(account: string, id: string): Promise<boolean>;
  /** The newest first, without what they hold. */
  zoneSaves(zone: string): Promise<readonly Omit<ZoneSave, 'records'>[]>;
  zoneSave(zone: string, author: string, records: string): Promise<void>;
  zoneSaved(zone: string, id: string): Promise<ZoneSave | undefined>;
  /** Windows that are not over, soonest first. */
  maintenance(): Promise<readonly Maintenance[]>;
  /** Throws Invalid, or Refused when it would overlap another window, of whichever master. */
  maintenanceAdd(window: Omit<Maintenance, 'id'>): Promise<void>;
  maintenanceRemove(id: string): Promise<boolean>;
  brand(reseller: string): Promise<Brand | undefined>;
  brands(): Promise<readonly Brand[]>;
  brandPut(brand: Brand): Promise<void>;
}

const mostText = 4000;
const mostSaves = 20;
const longestWindowMs = 7 * 24 * 60 * 60_000;

/** Opens nothing; the journal is its owner's to close. */
export function openDesk(deps: AuthDeps): Desk {
  return { ...notesOf(deps), ...zonesOf(deps), ...maintenanceOf(deps), ...brandsOf(deps) };
}

function notesOf({ journal, clock }: AuthDeps): Pick<Desk, 'notes' | 'noteAdd' | 'noteRemove'> {
  return {
    notes: (account) =>
      journal.read((db) =>
        db
          .selectFrom('account_notes')
          .selectAll()
          .where('account', '=', account)
          .orderBy('id', 'desc')
          .limit(100)
          .execute(),
      ),
    async noteAdd(account, author, text) {
      const trimmed = text.trim();
      if (trimmed === '' || trimmed.length > mostText)
        throw new Invalid('The note cannot be kept.', [
          { path: 'note', message: `Write 1 to ${mostText} characters.` },
        ]);
      const at = clock();
      const row = { id: ulid(at), account, author, at, text: trimmed };
      await journal.write((db) => db.insertInto('account_notes').values(row).execute());
    },
    async noteRemove(account, id) {
      const gone = await journal.write((db) =>
        db.deleteFrom('account_notes').where('id', '=', id).where('account', '=', account).executeTakeFirst(),
      );
      return gone.numDeletedRows > 0n;
    },
  };
}

function zonesOf({ journal, clock }: AuthDeps): Pick<Desk, 'zoneSaves' | 'zoneSave' | 'zoneSaved'> {
  return {
    zoneSaves: (zone) =>
      journal.read((db) =>
        db
          .selectFrom('zone_saves')
          .select(['id', 'zone', 'author', 'at'])
          .where('zone', '=', zone)
          .orderBy('id', 'desc')
          .limit(mostSaves)
          .execute(),
      ),
    async zoneSave(zone, author, records) {
      const at = clock();
      await journal.write(async (db) => {
        await db
          .insertInto('zone_saves')
          .values({ id: ulid(at), zone, author, at, records })
          .execute();
        const old = await db
          .selectFrom('zone_saves')
          .select('id')
          .where('zone', '=', zone)
          .orderBy('id', 'desc')
          .offset(mostSaves)
          .limit(100)
          .execute();
        const ids = old.map((row) => row.id);
        if (ids.length > 0) await db.deleteFrom('zone_saves').where('id', 'in', ids).execute();
      });
    },
    zoneSaved: (zone, id) =>
      journal.read((db) =>
        db.selectFrom('zone_saves').selectAll().where('id', '=', id).where('zone', '=', zone).executeTakeFirst(),
      ),
  };
}

function maintenanceOf({
  journal,
  clock,
}: AuthDeps): Pick<Desk, 'maintenance' | 'maintenanceAdd' | 'maintenanceRemove'> {
  return {
    async maintenance() {
      const rows = await journal.read((db) =>
        db.selectFrom('maintenance').selectAll().where('ends_at', '>', clock()).orderBy('begins_at').execute(),
      );
      return rows.map((row) => ({ ...row, begins_at: Number(row.begins_at), ends_at: Number(row.ends_at) }));
    },
    async maintenanceAdd(window) {
      const issue = windowIssue(window, clock());
      if (issue !== undefined) throw new Invalid('The window cannot be planned.', [issue]);
      const row = { ...window, id: ulid(clock()) };
      await journal.write(async (db) => {
        // One lock for all who plan: the others are looked at under it.
        await db
          .updateTable('audit_head')
          .set((e) => ({ seq: e.ref('seq') }))
          .where('id', '=', 1)
          .execute();
        await db.insertInto('maintenance').values(row).execute();
        const other = await db
          .selectFrom('maintenance')
          .select(['master', 'begins_at'])
          .where('id', '!=', row.id)
          .where('begins_at', '<', row.ends_at)
          .where('ends_at', '>', row.begins_at)
          .executeTakeFirst();
        if (other !== undefined)
          throw new Refused(`It overlaps a window of ${other.master}. One master must always be left alone.`);
      });
    },
    async maintenanceRemove(id) {
      const gone = await journal.write((db) => db.deleteFrom('maintenance').where('id', '=', id).executeTakeFirst());
      return gone.numDeletedRows > 0n;
    },
  };
}

function windowIssue(window: Omit<Maintenance, 'id'>, now: number): { path: string; message: string } | undefined {
  if (!Number.isFinite(window.begins_at)) return { path: 'begins', message: 'Use a date and time.' };
  if (!(window.ends_at > window.begins_at)) return { path: 'ends', message: 'It must end after it begins.' };
  if (window.ends_at <= now) return { path: 'ends', message: 'It is over already.' };
  if (window.ends_at - window.begins_at > longestWindowMs) return { path: 'ends', message: 'Plan at most a week.' };
  return undefined;
}

function brandsOf({ journal }: AuthDeps): Pick<Desk, 'brand' | 'brands' | 'brandPut'> {
  return {
    brand: (reseller) =>
      journal.read((db) => db.selectFrom('brands').selectAll().where('reseller', '=', reseller).executeTakeFirst()),
    brands: () => journal.read((db) => db.selectFrom('brands').selectAll().orderBy('reseller').execute()),
    async brandPut(brand) {
      const issues = brandIssues(brand);
      if (issues.length > 0) throw new Invalid('Some fields need another look.', issues);
      await journal.write(async (db) => {
        await db.deleteFrom('brands').where('reseller', '=', brand.reseller).execute();
        await db.insertInto('brands').values(brand).execute();
      });
    },
  };
}
