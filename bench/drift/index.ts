/**
 * A scan of many accounts on two simulated masters, each in a process of its own: calls, seconds, processor time and
 * memory of the scanning side. The accounts are made straight on the masters; each tenth differs in one thing.
 */
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config.ts';
import { type TurnDeps, turn } from '../../src/drift/turn.ts';
import { createLifecycle } from '../../src/lifecycle.ts';
import { createLogger } from '../../src/log.ts';
import { type Core, openCore, secretFields } from '../../src/roles/core.ts';
import { driftOf } from '../../src/roles/drift.ts';
import { batchOf } from '../../src/whm/batch.ts';
import { uapi, type WhmCall, whm } from '../../src/whm/call.ts';
import { type Bench, type BenchOptions, rounded, table } from '../result.ts';
import { type SimulatedMaster, startMasters } from './masters.ts';

export const drift: Bench = {
  about: 'a scan of 10,000 accounts on two masters: calls, seconds, processor, memory',
  run,
};

async function run(options: BenchOptions): Promise<Readonly<Record<string, unknown>>> {
  const accounts = Number(options.settings['accounts'] ?? (options.quick ? 1000 : 10_000));
  const masters = await startMasters(options.dir);
  const log = createLogger({ level: 'silent', redact: secretFields() });
  const lifecycle = createLifecycle({ log });
  try {
    const config = loadConfig({ file: await masters.configFile(), env: {} });
    const core = await openCore({ config, log, lifecycle, crash: () => {}, redisUrl: undefined });
    await furnish(core, accounts, options);
    return await measure(core, masters.list, accounts, options);
  } finally {
    await lifecycle.closeAll();
    await masters.close();
  }
}

const name = (n: number) => `a${String(n).padStart(5, '0')}`;
const AT_ONCE = 100;

/** The same accounts on both masters, with the same user ids; each tenth has a forwarder that M2 lacks. */
async function furnish(core: Core, accounts: number, { say }: BenchOptions): Promise<void> {
  for (const { id } of core.deps.masters.list) {
    for (let at = 0; at < accounts; at += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, accounts - at) }, (_, i) => at + i);
      const calls = some.flatMap((n) => [
        whm('createacct', {
          username: name(n),
          domain: `${name(n)}.example`,
          password: 'Sturdy-horse-42-q',
          uid: 10_000 + n,
          gid: 10_000 + n,
          dkim: 0,
        }),
        uapi(name(n), 'Email::add_pop', {
          email: 'post',
          domain: `${name(n)}.example`,
          password: 'Sturdy-horse-42-q',
          quota: 250,
        }),
        uapi(name(n), 'Mysql::create_database', { name: `${name(n)}_db` }),
        ...(n % 10 === 0 && id === 'm1' ? [forwarderOf(n)] : []),
      ]);
      const outcome = await core.clients.get(id)?.call(batchOf(calls), { deadlineMs: 600_000 });
      if (outcome?.kind !== 'done')
        throw new Error(`accounts could not be made on ${id}: ${JSON.stringify(outcome).slice(0, 300)}`);
    }
    say(`${accounts} accounts on ${id}`);
  }
}

function forwarderOf(n: number): WhmCall {
  return uapi(name(n), 'Email::add_forwarder', {
    domain: `${name(n)}.example`,
    email: 'f',
    fwdopt: 'fwd',
    fwdemail: 'x@far.example',
  });
}

async function measure(core: Core, masters: readonly SimulatedMaster[], accounts: number, { say }: BenchOptions) {
  const api = driftOf(core);
  const deps: TurnDeps = {
    ...core.deps,
    clock: systemClock,
    owner: 'bench',
    usable: () => true,
    recheckMs: 10,
    accountsPerBatch: core.config.drift.accountsPerBatch,
    rest: 0,
    nightlyAt: 'off',
    operations: core.operations,
    limits: { many: 50, removals: 10 },
    everyMs: 86_400_000,
  };
  const before = {
    calls: await Promise.all(masters.map((m) => m.calls())),
    cpu: process.cpuUsage(),
    at: performance.now(),
  };
  const id = await api.scan({ kind: 'system', name: 'bench', scope: 'all' });
  await turn(deps, new AbortController().signal);
  const seconds = (performance.now() - before.at) / 1000;
  const cpu = process.cpuUsage(before.cpu);
  const done = await api.run(id);
  if (done?.state !== 'done') throw new Error(`the scan did not end: ${done?.sentence ?? ''}`);
  const differing = await deps.journal.read((db) =>
    db
      .selectFrom('findings')
      .select((e) => e.fn.countAll<number>().as('n'))
      .where('kind', '=', 'forwarder')
      .executeTakeFirst(),
  );
  const calls = (await Promise.all(masters.map((m) => m.calls()))).map((n, i) => n - (before.calls[i] ?? 0));
  const most = Math.max(...calls);
  const memoryMb = process.memoryUsage().rss / 2 ** 20;
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  say(
    table([
      ['', 'accounts', 'calls per master', 'per account', 'seconds', 'cpu seconds', 'memory MB', 'found'],
      [
        'scan',
        String(accounts),
        String(most),
        (most / accounts).toFixed(4),
        seconds.toFixed(1),
        cpuSeconds.toFixed(1),
        memoryMb.toFixed(0),
        String(differing?.n ?? 0),
      ],
    ]),
  );
  if (Number(differing?.n ?? 0) !== Math.ceil(accounts / 10))
    throw new Error(`${differing?.n ?? 0} differences were found, not ${Math.ceil(accounts / 10)}`);
  return {
    accounts,
    drift_calls_per_account: rounded(most / accounts, 4),
    drift_seconds: rounded(seconds, 1),
    drift_cpu_seconds: rounded(cpuSeconds, 1),
    drift_memory_mb: Math.round(memoryMb),
  };
}
