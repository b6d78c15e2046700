/** A process that writes rows 'prefix-0', 'prefix-1' … and prints each id when the journal has acknowledged it. */
import { type JournalConfig, openJournal } from '../../../src/store/database.ts';
import { quiet, type Tables } from './databases-quiet.ts';

const [config = '', prefix = '', total = '0'] = process.argv.slice(2);
const journal = await openJournal<Tables>(JSON.parse(config) as JournalConfig, { log: quiet });

let next = 0;
async function lane(): Promise<void> {
  while (next < Number(total)) {
    const id = `${prefix}-${next++}`;
    await journal.write(async (db) => {
      await db.insertInto('things').values({ id, n: 0, text: null, bytes: null }).execute();
      await db
        .updateTable('things')
        .set((eb) => ({ n: eb('n', '+', 1) }))
        .where('id', '=', 'counter')
        .execute();
    });
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, lane));
await journal.close();
