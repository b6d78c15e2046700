/**
 * Cutting off one account's databases on both masters, so that what is removed on one is not removed on the other.
 *
 *   noted on both, so that nobody carries them → both copies backed up → taken out of replication on both → proved
 */
import { Refused } from '../../errors.ts';
import { DatabaseFailed } from '../model.ts';
import { carryDatabase } from './carry.ts';
import { backUpPg } from './copy.ts';
import { type LinkDeps, otherOf, unlinkOn } from './link.ts';
import { noteNames } from './model.ts';
import { slotName } from './names.ts';
import { pgGlance, pgNote } from './watch.ts';

async function databasesOf(deps: LinkDeps, account: string, more: readonly string[]): Promise<readonly string[]> {
  const glances = await Promise.all(deps.servers.map(pgGlance));
  const names = glances.flatMap((one) => one.databases.map((d) => d.name));
  return [...new Set(names)].filter((name) => name.startsWith(`${account}_`) || more.includes(name)).sort();
}

async function prove(deps: LinkDeps, databases: readonly string[]): Promise<void> {
  for (const server of deps.servers) {
    const glance = await pgGlance(server);
    const other = otherOf(deps.servers, server);
    for (const name of databases)
      if (
        glance.slots.some((one) => one.name === slotName(other.side.id, name)) ||
        glance.origins.includes(slotName(server.side.id, name))
      )
        throw new DatabaseFailed(`${server.side.name}: ${name} is still carried.`, {
          hint: 'Run the same command again.',
        });
  }
}

/** Cuts the account's databases off; `more` names those that are not called after it. Answers the backups' places. */
export async function detachPg(deps: LinkDeps, account: string, more: readonly string[]): Promise<readonly string[]> {
  const databases = await databasesOf(deps, account, more);
  for (const server of deps.servers) await pgNote(server, noteNames.detached(account), more.join(','));
  const backups: string[] = [];
  for (const name of databases)
    for (const server of deps.servers) {
      const glance = await pgGlance(server);
      if (!glance.databases.some((one) => one.name === name)) continue;
      const place = await backUpPg(deps, server, name);
      if (place !== undefined) backups.push(place);
      await unlinkOn(server, otherOf(deps.servers, server), name, deps.clock);
    }
  await prove(deps, databases);
  return backups;
}

/** Carries them again. Throws Refused while the masters hold different things. */
export async function attachPg(deps: LinkDeps, account: string): Promise<readonly string[]> {
  const glances = await Promise.all(deps.servers.map(pgGlance));
  const more = glances.flatMap((one) => (one.notes[noteNames.detached(account)] ?? '').split(','));
  const databases = await databasesOf(deps, account, more);
  const different: string[] = [];
  for (const name of databases) if ((await carryDatabase(deps, name)) === 'different') different.push(name);
  if (different.length > 0)
    throw new Refused(`${different.join(', ')}: both masters hold different things.`, {
      hint: 'Make them equal with tandem db postgres reseed, then attach again.',
    });
  for (const server of deps.servers) await pgNote(server, noteNames.detached(account), undefined);
  return databases;
}
