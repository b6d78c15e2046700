/** What a person may decide about a whole master: go on with a parked one, or take over one of another journal. */
import type { Actor } from '../auth/actor.ts';
import { whyNot } from '../auth/may.ts';
import { NotAllowed, NotFound, Refused, Unreachable } from '../errors.ts';
import type { Client, Deps } from './deps.ts';
import { journalId, type MarkFound, writeMark } from './mark.ts';

type Audit = (actor: Actor, what: string, about: string) => Promise<void>;

function allowed(deps: Deps, master: string, actor: Actor, what: string): string {
  const why = whyNot(actor, { id: what, audience: ['staff'] }, { kind: 'server' });
  if (why !== undefined) throw new NotAllowed(why);
  const found = deps.masters.list.find((m) => m.id === master);
  if (found === undefined) {
    const ids = deps.masters.list.map((m) => m.id).join(', ');
    throw new NotFound(`there is no master ${master.slice(0, 40)}`, { hint: `The masters are: ${ids}.` });
  }
  return found.name;
}

/**
 * Ends the parking of a master; workers hear of it at their next heartbeat. What parked it is looked at anew, so a
 * master whose trouble lasts is parked again. Throws NotAllowed, NotFound, and Refused when it is not parked.
 */
export async function resumeMaster(deps: Deps, audit: Audit, master: string, actor: Actor): Promise<void> {
  const name = allowed(deps, master, actor, 'master.resume');
  const row = await deps.journal.read((db) =>
    db.selectFrom('masters').select(['parked', 'parked_reason']).where('id', '=', master).executeTakeFirst(),
  );
  if (row?.parked !== 1) throw new Refused(`${name} is not parked`, { hint: 'See: tandem status' });
  await audit(actor, 'master.resume', master);
  await unpark(deps, master);
}

/**
 * Puts this journal's mark on a master, over another one's, and ends its parking. Throws NotAllowed, NotFound,
 * Unreachable when the master did not take the mark, and Refused when it keeps none.
 */
export async function adoptMaster(deps: Deps, audit: Audit, master: string, actor: Actor): Promise<void> {
  const name = allowed(deps, master, actor, 'master.adopt');
  const client = clientOf(deps, master, name);
  await audit(actor, 'master.adopt', master);
  const found = await writeMark(client, await journalId(deps.journal));
  if (found.kind !== 'ours') throw notTaken(name, found);
  await unpark(deps, master);
}

function clientOf(deps: Deps, master: string, name: string): Client {
  const client = deps.clients.get(master);
  if (client === undefined) throw new Unreachable(`this node has no way to ${name}`);
  return client;
}

function notTaken(name: string, found: MarkFound): Refused | Unreachable {
  if (found.kind === 'foreign') {
    return new Refused(`${name} has the mark of journal ${found.journal} again: another Tandem works on it now`, {
      hint: 'Stop the other Tandem first.',
    });
  }
  const reason = 'reason' in found ? found.reason : 'its mark is gone again';
  if (found.kind === 'cannot') return new Refused(`${name} keeps no mark: ${reason}`);
  return new Unreachable(`${name} did not take the mark: ${reason}`, { hint: 'Try again when it answers.' });
}

async function unpark(deps: Deps, master: string): Promise<void> {
  await deps.journal.write((db) =>
    db
      .updateTable('masters')
      .set({ parked: 0, parked_reason: null, parked_at: null })
      .where('id', '=', master)
      .where('parked', '=', 1)
      .execute(),
  );
}
