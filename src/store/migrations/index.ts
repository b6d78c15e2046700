import type { Migration } from '../migrate.ts';
import { up as journal } from './001-journal.ts';
import { up as auth } from './002-auth.ts';
import { up as passthrough } from './003-passthrough.ts';
import { up as signIn } from './004-sign-in.ts';
import { up as lean } from './005-lean.ts';
import { up as portal } from './010-portal.ts';
import { up as drift } from './020-drift.ts';
import { up as things } from './021-things.ts';
import { up as passkeys } from './030-passkeys.ts';
import { up as archives } from './060-archives.ts';
import { up as customers } from './070-customers.ts';
import { up as crontabs } from './080-crontabs.ts';
import { up as crontabPending } from './081-crontab-pending.ts';
import { up as placements } from './090-placements.ts';
import { up as grace } from './091-grace.ts';
import { up as ownNames } from './092-own-names.ts';
import { up as asked } from './093-asked.ts';

/** Every change of the tables, in the order of making. */
export const migrations: readonly Migration[] = [
  { name: '001-journal', up: journal },
  { name: '002-auth', up: auth },
  { name: '003-passthrough', up: passthrough },
  { name: '004-sign-in', up: signIn },
  { name: '005-lean', up: lean },
  { name: '010-portal', up: portal },
  { name: '020-drift', up: drift },
  { name: '021-things', up: things },
  { name: '030-passkeys', up: passkeys },
  { name: '060-archives', up: archives },
  { name: '070-customers', up: customers },
  { name: '080-crontabs', up: crontabs },
  { name: '081-crontab-pending', up: crontabPending },
  { name: '090-placements', up: placements },
  { name: '091-grace', up: grace },
  { name: '092-own-names', up: ownNames },
  { name: '093-asked', up: asked },
];
