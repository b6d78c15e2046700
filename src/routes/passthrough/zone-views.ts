import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ulid } from 'ulid';
import type { AuthJournal } from '../../auth/journal.ts';
import type { ZoneView } from './zone-view.ts';

/** What clients were shown of zones, in the journal: a later write may come to another node. */
export interface ZoneViews {
  remember(owner: string, view: ZoneView): Promise<void>;
  /** The newest view of this client, or the one with that serial; undefined: it was shown none. */
  find(owner: string, zone: string, serial?: string): Promise<ZoneView | undefined>;
}

const keptMs = 24 * 60 * 60_000;
/** MariaDB's TEXT; a larger zone is not remembered, and its edits by line are read as of now. */
const mostBytes = 60_000;
const kept = 10;

function keyOf(owner: string): string {
  return createHash('sha256').update(owner).digest('hex');
}

function pack(view: ZoneView): string {
  return deflateRawSync(JSON.stringify(view.lines)).toString('base64');
}

/** Opens nothing: the journal is its owner's to close. */
export function openZoneViews(journal: AuthJournal, now: () => number): ZoneViews {
  async function newest(owner: string, zone: string, serial?: string) {
    return await journal.read((db) => {
      const mine = db
        .selectFrom('zone_views')
        .selectAll()
        .where('owner', '=', keyOf(owner))
        .where('zone', '=', zone)
        .where('at', '>', now() - keptMs)
        .orderBy('id', 'desc')
        .limit(kept);
      return (serial === undefined ? mine : mine.where('serial', '=', serial)).executeTakeFirst();
    });
  }
  return {
    async remember(owner, view) {
      const data = pack(view);
      if (data.length > mostBytes) return;
      const before = await newest(owner, view.zone);
      if (before?.serial === view.serial && before.data === data) return;
      const row = { id: ulid(now()), owner: keyOf(owner), zone: view.zone, serial: view.serial, at: now(), data };
      await journal.write(async (db) => {
        await db.insertInto('zone_views').values(row).execute();
        await db
          .deleteFrom('zone_views')
          .where('owner', '=', row.owner)
          .where('at', '<=', now() - keptMs)
          .execute();
      });
    },
    async find(owner, zone, serial) {
      const row = await newest(owner, zone, serial);
      if (row === undefined) return undefined;
      // Cast: written by `remember` alone.
      const lines = JSON.parse(inflateRawSync(Buffer.from(row.data, 'base64')).toString('utf8')) as ZoneView['lines'];
      return { zone, serial: row.serial, lines };
    },
  };
}
