import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bindPublisher } from '../../src/failover/publish/bind.ts';
import { type Bench, type BenchOptions, type BenchResult, median, rounded, table } from '../result.ts';
import { startBind } from './servers.ts';
import { bySed, byTandem, byUpdates, sync } from './ways.ts';
import { makeZones } from './zones.ts';

interface Compared {
  readonly zones: number;
  readonly sed: number;
  readonly tandem: number;
  readonly cpu: number;
  readonly steps: Readonly<Record<string, number>>;
}

/** Sed and Tandem by turns over fresh copies of the same zones, so that both have the machine's good and bad moments. */
async function compare({ dir, say }: BenchOptions, zones: number, rounds: number): Promise<Compared> {
  const base = join(dir, `base-${zones}`);
  makeZones(base, zones);
  sync(dir);
  const sed: number[] = [];
  const tandem: number[] = [];
  const cpu: number[] = [];
  let steps: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    const work = join(dir, 'work');
    const fresh = (): void => {
      rmSync(work, { recursive: true, force: true });
      cpSync(base, work, { recursive: true });
      sync(dir);
    };
    fresh();
    const one = bySed(work);
    fresh();
    const two = await byTandem({
      dir: work,
      state: join(dir, `state-${zones}-${round}`),
      publishers: [],
      epoch: 1,
      pair: 'm2',
    });
    if (two.outcome.counts.changed !== zones) throw new Error(two.outcome.sentence);
    sed.push(one.seconds);
    tandem.push(two.seconds);
    cpu.push(two.cpu);
    steps = Object.fromEntries(two.outcome.steps.map(({ name, seconds }) => [name, rounded(seconds, 2)]));
    say(`${zones} zones: sed ${one.seconds.toFixed(2)} s, tandem ${two.seconds.toFixed(2)} s ${JSON.stringify(steps)}`);
  }
  rmSync(base, { recursive: true, force: true });
  return { zones, sed: median(sed), tandem: median(tandem), cpu: median(cpu), steps };
}

const sets = '@ ftp cpanel webdisk webmail whm autodiscover autoconfig cpcontacts cpcalendars shop www.shop'.split(' ');

interface Answered {
  readonly tandem: number;
  readonly updates: number;
  readonly steps: Readonly<Record<string, number>>;
}

/** From the order until BIND answers for every zone, against the same changes as dynamic updates. */
async function answered({ dir, say }: BenchOptions, zones: number): Promise<Answered> {
  const files = join(dir, 'served');
  const names = makeZones(files, zones);
  const bind = await startBind(join(dir, 'bind'), files, names, false);
  const servers = [{ name: 's3', address: '127.0.0.1', port: bind.port, keepsSerial: true }];
  const publishers = [bindPublisher({ name: 'bind', servers, rndc: bind.rndc })];
  const one = await byTandem({
    dir: files,
    state: join(dir, 'state-served'),
    publishers,
    epoch: 1,
    pair: 'm2',
  }).finally(() => bind.running.end('SIGKILL'));
  if (one.outcome.kind !== 'done') throw new Error(one.outcome.sentence);
  const own = join(dir, 'dynamic');
  makeZones(own, zones);
  const dynamic = await startBind(join(dir, 'bind-dynamic'), own, names, true);
  const two = await byUpdates(dynamic.port, names, sets).finally(() => dynamic.running.end('SIGKILL'));
  const steps = Object.fromEntries(one.outcome.steps.map(({ name, seconds }) => [name, rounded(seconds, 2)]));
  say(`${zones} zones answered by BIND: tandem ${one.seconds.toFixed(2)} s, updates ${two.seconds.toFixed(2)} s`);
  return { tandem: one.seconds, updates: two.seconds, steps };
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const { quick, settings, say } = options;
  const sizes = settings['zones']?.split(',').map(Number) ?? (quick ? [1000, 5000] : [1000, 10_000, 100_000]);
  const rounds = Number(settings['rounds'] ?? (quick ? 2 : 3));
  const served = await answered(options, quick ? 500 : 1000);
  const rows: Compared[] = [];
  for (const size of sizes) rows.push(await compare(options, size, size > 20_000 ? 1 : rounds));
  const head = ['zones', 'sed -i s', 'tandem s', 'ratio', 'tandem cpu s'];
  const line = (row: Compared): string[] =>
    [row.zones, rounded(row.sed, 2), rounded(row.tandem, 2), rounded(row.tandem / row.sed, 2), rounded(row.cpu, 2)].map(
      String,
    );
  say(table([head, ...rows.map(line)]));
  const ten = rows.find(({ zones }) => zones === 10_000) ?? rows.at(-1);
  const hundred = rows.find(({ zones }) => zones === 100_000);
  return {
    vs_sed_10k: ten === undefined ? null : rounded(ten.tandem / ten.sed, 2),
    vs_rfc2136: rounded(served.tandem / served.updates, 3),
    growth_100k_over_10k: ten === undefined || hundred === undefined ? null : rounded(hundred.tandem / ten.tandem, 2),
    fault_to_answer_s: null,
    order_to_answer_s: rounded(served.tandem, 2),
    order_to_answer_steps: served.steps,
    sizes: rows.map(({ zones, sed, tandem, cpu, steps }) => ({
      zones,
      sed_s: rounded(sed, 2),
      tandem_s: rounded(tandem, 2),
      cpu_s: rounded(cpu, 2),
      steps,
    })),
  };
}

/** Zones rewritten and answered, against `sed -i` and dynamic updates. */
export const switching: Bench = {
  about: 'an order in every zone file, against sed -i over the same files and against RFC 2136 updates',
  run,
};
