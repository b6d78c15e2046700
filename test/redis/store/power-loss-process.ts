/** Writes rows to a journal, many at once, with a checkpoint every few pages, and says each id once it is acknowledged. */
import { writeSync } from 'node:fs';
import { sql } from 'kysely';
import { openJournal } from '../../../src/store/database.ts';
import { quiet, type Tables } from './databases-quiet.ts';

const [file = '', prefix = '', total = '0'] = process.argv.slice(2);
const journal = await openJournal<Tables>({ kind: 'sqlite', file }, { log: quiet });
await journal.write((db) => sql`pragma wal_autocheckpoint = 25`.execute(db));

let next = 0;
async function lane(): Promise<void> {
  while (next < Number(total)) {
    const id = `${prefix}-${next++}`;
    const text = id.repeat(100);
    await journal.write((db) => db.insertInto('things').values({ id, n: 0, text, bytes: null }).execute());
    // At once and by one system call, so that its place among the others is known.
    writeSync(1, `ack ${id}\n`);
  }
}
await Promise.all(Array.from({ length: 6 }, lane));
await journal.close();
