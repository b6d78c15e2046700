/**
 * Gives new domains their www1 and www2: the loop looks at what was done lately and at what was ordered since, so a
 * worker that dies anywhere forgets nothing. Domains from before are found by the comparison of the masters.
 */
import type { Kysely } from 'kysely';
import type { Actor } from '../auth/actor.ts';
import { systemClock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { idsFrom } from '../ids.ts';
import { loop } from '../loop.ts';
import type { PlacementDesk } from '../operations/placement.ts';
import type { Schema } from '../store/schema.ts';
import type { Core } from './core.ts';

const EVERY_MS = 5_000;
/** How far back it looks; what is older is the comparison's. */
const SINCE_MS = 24 * 3_600_000;
const making: ReadonlySet<string> = new Set(['account.create', 'domain.add-addon', 'domain.add-alias']);
const ending = ['domain.remove-addon', 'domain.remove-alias', 'account.terminate'];
const install = 'own-names.install';
const system: Actor = { kind: 'system', name: 'own names', scope: 'all' };

type Parts = Pick<Core, 'journal' | 'log'> & {
  readonly operations: Pick<Core['operations'], 'accept'>;
  /** Which accounts get none, by their own word or their package's. */
  readonly placement: Pick<PlacementDesk, 'withoutOwnNames'>;
};

interface Made {
  readonly id: string;
  readonly account: string;
  readonly domain: string;
}

/** An operation, as the journal has it. */
interface Row {
  readonly id: string;
  readonly action: string;
  readonly state: string;
  readonly account: string | null;
  /** JSON of its subject. */
  readonly subject: string;
}

const took: ReadonlySet<string> = new Set(['following', 'done']);

function domainOf({ subject }: Row): string {
  const { domain } = JSON.parse(subject) as { readonly domain?: string };
  return domain ?? '';
}

/** What the operation took away, or gave names to. */
function isOver({ account, domain }: Made, row: Row): boolean {
  if (row.action === install) return domain === domainOf(row);
  if (!took.has(row.state)) return false;
  return row.action === 'account.terminate' ? account === row.account : domain === domainOf(row);
}

/** Domains that were made and are there, and for which no names were ordered since. Rows oldest first. Pure. */
export function lacking(rows: readonly Row[]): readonly Made[] {
  let found: readonly Made[] = [];
  for (const row of rows) {
    found = found.filter((one) => !isOver(one, row));
    const { id, account } = row;
    if (making.has(row.action) && took.has(row.state) && account !== null)
      found = [...found, { id, account, domain: domainOf(row) }];
  }
  return found;
}

/** What made, took away or named domains, of operations with ids from `since` on: of no others is a row read. */
export function asked(db: Kysely<Schema>, since: string) {
  return db
    .selectFrom('operations')
    .select(['id', 'action', 'state', 'account', 'subject', 'seq'])
    .where('id', '>', since)
    .where('action', 'in', [...making, ...ending, install])
    .where('state', '<>', 'withdrawn');
}

async function waiting({ journal }: Pick<Parts, 'journal'>): Promise<readonly Made[]> {
  const rows = await journal.read((db) => asked(db, idsFrom(Date.now() - SINCE_MS)).execute());
  return lacking(rows.toSorted((a, b) => a.seq - b.seq));
}

/** One look. Answers for how many domains names were ordered. */
export async function ownNamesTurn(parts: Parts, told: Set<string>): Promise<number> {
  let ordered = 0;
  const made = await waiting(parts);
  const without = new Set(made.length === 0 ? [] : await parts.placement.withoutOwnNames());
  for (const { id, account, domain } of made.filter((one) => !without.has(one.account))) {
    try {
      const idempotencyKey = `own-names-${id}`.slice(0, 64);
      const params = { account, domain };
      await parts.operations.accept({
        action: install,
        params,
        actor: system,
        door: 'system',
        queue: true,
        idempotencyKey,
      });
      ordered += 1;
    } catch (error) {
      // One domain's trouble, such as a hold, stops no other; said once, and tried again at the next look.
      if (!told.has(id)) parts.log.warn({ account, domain, reason: messageOf(error) }, 'own names must wait');
      told.add(id);
    }
  }
  return ordered;
}

/** Lets new domains have the names that stay on one server. Stops with the core. */
export function startOwnNames(core: Core, placement: Parts['placement']): void {
  if (!core.config.ownNames) return;
  const told = new Set<string>();
  const running = loop({
    name: 'own names',
    everyMs: EVERY_MS,
    jitter: 0.2,
    turn: () => ownNamesTurn({ ...core, placement }, told),
    signal: core.lifecycle.signal,
    clock: systemClock,
    log: core.log,
  });
  core.lifecycle.onClose('own names', () => running.ended);
}
