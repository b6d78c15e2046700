/** A process that carries databases until it is killed: argv is JSON, the two sides and the databases' names. */
import { systemClock } from '../../../src/clock.ts';
import type { Side } from '../../../src/dbsync/model.ts';
import { openPgServer } from '../../../src/dbsync/postgres/connect.ts';
import { runDirection } from '../../../src/dbsync/postgres/direction.ts';
import { createLogger } from '../../../src/log.ts';

const { sides, databases } = JSON.parse(process.argv[2] ?? '') as { sides: [Side, Side]; databases: string[] };
const [a, b] = [openPgServer(sides[0]), openPgServer(sides[1])];
const log = createLogger({ level: 'warn', redact: [] });
for (const database of databases) {
  runDirection({ from: a, to: b, database, clock: systemClock, log });
  runDirection({ from: b, to: a, database, clock: systemClock, log });
}
process.stdout.write('carrying\n');
setInterval(() => {}, 60_000);
