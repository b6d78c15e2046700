/**
 * Tandem's own processes: one that keeps a worker and its standby, as `tandem worker` does, those two, and one that
 * accepts and watches. Arguments: JSON of TandemArgs.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { actionOf } from '../../src/actions/index.ts';
import { loadConfig } from '../../src/config.ts';
import { createLifecycle } from '../../src/lifecycle.ts';
import { createLogger } from '../../src/log.ts';
import type { Actor } from '../../src/operations/model.ts';
import { type Core, openCore, secretFields } from '../../src/roles/core.ts';
import { openKeeper } from '../../src/roles/keeper.ts';
import { beKept } from '../../src/roles/kept.ts';
import type { Message, TandemArgs, TandemReply } from './tandem.ts';
import { domainOf, firstMailbox, quotaBase, type WorkItem } from './work.ts';

const args = JSON.parse(process.argv[2] ?? '') as TandemArgs;
const config = loadConfig({ file: args.configFile, env: {} });
const log = createLogger({ level: config.log.level, redact: secretFields() });
const lifecycle = createLifecycle({ log });
const redisUrl = config.redis.kind === 'url' ? config.redis.url : undefined;
const actor: Actor = { kind: 'system', name: 'bench', scope: 'all' };

function open(redis: string | undefined): Promise<Core> {
  return openCore({ config, log, lifecycle, crash: () => {}, redisUrl: redis });
}

function tell(reply: TandemReply): void {
  process.send?.(reply);
}

function requestOf({ account, kind, n }: WorkItem): { action: string; params: Record<string, unknown> } {
  const domain = domainOf(account);
  switch (kind) {
    case 'mailbox':
      return {
        action: 'mailbox.add',
        params: { account, address: `m${n}@${domain}`, password: `Zq7-${account}-${n}-xK`, quotaMb: 250 },
      };
    case 'record':
      return {
        action: 'dns.add-record',
        params: { account, zone: domain, name: `r${n}`, type: 'TXT', value: `value ${n}` },
      };
    case 'quota':
      return {
        action: 'mailbox.quota',
        params: { account, address: `${firstMailbox}@${domain}`, quotaMb: quotaBase + n },
      };
  }
}

/** As many callers as a busy portal; an account's requests come one after the other, so their order is known. */
async function acceptAll({ operations }: Core, work: readonly WorkItem[]): Promise<readonly number[]> {
  const lanes = new Map<string, WorkItem[]>();
  for (const item of work) {
    const lane = `${Number(item.account.slice(1)) % args.callers}`;
    const items = lanes.get(lane) ?? [];
    items.push(item);
    lanes.set(lane, items);
  }
  const times: number[] = [];
  await Promise.all(
    [...lanes.values()].map(async (items) => {
      for (const item of items) {
        const started = performance.now();
        await operations.accept({ ...requestOf(item), actor, door: 'api' });
        times.push(performance.now() - started);
      }
    }),
  );
  return times;
}

/** Operations that are not final yet; held ones count, so a run that holds something never ends by itself. */
async function openOperations({ journal }: Core): Promise<number> {
  const row = await journal.read((db) =>
    db
      .selectFrom('operations')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      // By the index: the watcher must not go through all that ever was.
      .where('state', 'in', ['accepted', 'undecided', 'following'])
      .executeTakeFirst(),
  );
  return row?.n ?? 0;
}

/** Why a run does not end: its unfinished legs by state and error. */
async function unfinished({ journal }: Core): Promise<string> {
  const rows = await journal.read((db) =>
    db
      .selectFrom('legs')
      .select((eb) => ['master', 'state', 'released', 'error_message', eb.fn.countAll<number>().as('n')])
      .select((eb) => [
        eb.fn.min('waits').as('least_waits'),
        eb.fn.min('due_at').as('first_due'),
        eb.fn.min('lease_until').as('lease'),
      ])
      .where('state', 'not in', ['done', 'skipped'])
      .groupBy(['master', 'state', 'released', 'error_message'])
      .execute(),
  );
  return `${rows.map((row) => JSON.stringify(row)).join('\n')}\nnow ${Date.now()}`;
}

async function accept(): Promise<void> {
  const core = await open(redisUrl);
  process.on('message', (message: Message) => {
    if (message.kind === 'unfinished') void unfinished(core).then((text) => tell({ kind: 'unfinished', text }));
    else if (message.kind === 'open') void openOperations(core).then((count) => tell({ kind: 'open', count }));
    else void acceptAll(core, message.work).then((times) => tell({ kind: 'accepted', times }));
  });
  tell({ kind: 'ready' });
}

/** As the role `worker` does; loading is done by the time this runs. */
function keep(): void {
  const self = fileURLToPath(import.meta.url);
  const kept: TandemArgs = { ...args, side: 'kept' };
  const keeper = openKeeper({
    fork: () => fork(self, [JSON.stringify(kept)]),
    redisUrl,
    log,
    onChange: ({ working, standby }) => {
      if (working !== undefined) tell({ kind: 'kept', working, standby });
    },
  });
  lifecycle.onClose('keeper', () => keeper.close());
}

async function work(): Promise<void> {
  const { openWorker } = await import('../../src/roles/worker.ts');
  const { openLegJournal } = await import('../../src/roles/leg-journal.ts');
  const prepare = async (redis: string | undefined) => {
    const core = await open(redis);
    return { core, legs: openLegJournal(core) };
  };
  await beKept(lifecycle, prepare, ({ core, legs }) => openWorker(core, legs));
}

process.once('SIGTERM', () => void lifecycle.closeAll().then(() => process.exit(0)));
if (actionOf('mailbox.add') === undefined) throw new Error('the catalogue has no mailbox.add');
switch (args.side) {
  case 'acceptor':
    await accept();
    process.once('disconnect', () => process.exit(0));
    break;
  case 'keeper':
    keep();
    process.once('disconnect', () => process.exit(0));
    break;
  case 'kept':
    await work();
}
