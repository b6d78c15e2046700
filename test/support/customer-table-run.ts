/** Writes the table of docs/customers.md anew: npm run docs:customers */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withTable } from './customer-table.ts';

const file = fileURLToPath(new URL('../../docs/customers.md', import.meta.url));
await writeFile(file, withTable(await readFile(file, 'utf8')));
