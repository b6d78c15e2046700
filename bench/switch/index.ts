import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bindPublisher } from '../../src/failover/publish/bind.ts';
import type { Outcome } from '../../src/failover/publish/model.ts';
import { type Bench, type BenchOptions, type BenchResult, median, rounded, table } from '../result.ts';
import { faultToAnswer } from './fault.ts';
import { laterOf } from './later.ts';
import { startBind } from './servers.ts';
import { type Ahead, bySed, byTandem, byUpdates, sync } from './ways.ts';
import { makeZones } from './zones.ts';

interface Way {
  readonly seconds: number;
  readonly cpu: number;
}

interface Compared {
  readonly zones: number;
  readonly sed: Way;
  /** As a watcher is while nothing happens: written ahead. Both watchers at once. */
  readonly tandem: Way;
  /** Just started, written ahead before that. */
  readonly restarted: Way | undefined;
  /** Just started for the first time, nothing written ahead. Not measured where it would take too long. */
  readonly cold: Way | undefined;
  readonly steps: Readonly<Record<Ahead, Readonly<Record<string, number>>>>;
}

const watchers = 2;

function secondsOf(outcome: Outcome | undefined): Readonly<Record<string, number>> {
  return Object.fromEntries(outcome?.steps.map(({ name, seconds }) => [name, rounded(seconds, 2)]) ?? []);
}

/** Every way over the same zones by turns, so that all have the machine's good and bad moments. */
async function compare({ dir, say }: BenchOptions, zones: number, rounds: number, cold: boolean): Promise<Compared> {
  const base = join(dir, `base-${zones}`);
  makeZones(base, zones);
  sync(dir);
  let count = 0;
  /**
   * Links: whoever changes a file makes a new one, and a hundred thousand copies would take longer than all the rest.
   * Removed at the very end, for the same reason.
   */
  const fresh = (number = watchers): readonly string[] => {
    const work = join(dir, `work-${zones}-${count++}`);
    mkdirSync(work);
    const dirs = Array.from({ length: number }, (_, at) => join(work, `s${at + 3}`));
    for (const one of dirs) execFileSync('cp', ['-al', base, one]);
    sync(dir);
    return dirs;
  };
  const tandem = async (round: number, ahead: Ahead): Promise<Awaited<ReturnType<typeof byTandem>>> => {
    const state = join(dir, `state-${zones}-${round}-${ahead}`);
    const done = await byTandem({ dirs: fresh(), state, publishers: [], ahead });
    const wrong = done.outcomes.find(({ counts }) => counts.changed !== zones);
    if (wrong !== undefined) throw new Error(wrong.sentence);
    return done;
  };
  const ways: Record<'sed' | Ahead, Way[]> = { sed: [], ready: [], restarted: [], never: [] };
  const steps: Record<Ahead, Readonly<Record<string, number>>> = { ready: {}, restarted: {}, never: {} };
  for (let round = 0; round < rounds; round++) {
    const [first = ''] = fresh(1);
    ways.sed.push(bySed(first));
    for (const ahead of cold ? (['never', 'restarted', 'ready'] as const) : (['ready'] as const)) {
      const done = await tandem(round, ahead);
      ways[ahead].push(done);
      steps[ahead] = secondsOf(done.outcomes[0]);
    }
    const said = Object.entries(ways).map(([name, all]) => `${name} ${all.at(-1)?.seconds.toFixed(2) ?? '–'} s`);
    say(`${zones} zones: ${said.join(', ')} ${JSON.stringify(steps)}`);
  }
  const middle = (all: readonly Way[]): Way => ({
    seconds: median(all.map(({ seconds }) => seconds)),
    cpu: median(all.map(({ cpu }) => cpu)),
  });
  const only = cold ? { cold: middle(ways.never), restarted: middle(ways.restarted) } : {};
  return {
    zones,
    sed: middle(ways.sed),
    tandem: middle(ways.ready),
    cold: undefined,
    restarted: undefined,
    ...only,
    steps,
  };
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
  const state = join(dir, 'state-served');
  const one = await byTandem({ dirs: [files], state, publishers, ahead: 'ready' }).finally(() =>
    bind.running.end('SIGKILL'),
  );
  const [outcome] = one.outcomes;
  if (outcome?.kind !== 'done') throw new Error(outcome?.sentence ?? 'no outcome');
  const own = join(dir, 'dynamic');
  makeZones(own, zones);
  const dynamic = await startBind(join(dir, 'bind-dynamic'), own, names, true);
  const two = await byUpdates(dynamic.port, names, sets).finally(() => dynamic.running.end('SIGKILL'));
  const steps = secondsOf(outcome);
  say(`${zones} zones answered by BIND: tandem ${one.seconds.toFixed(2)} s, updates ${two.seconds.toFixed(2)} s`);
  return { tandem: one.seconds, updates: two.seconds, steps };
}

const quickly = { sizes: [1000], rounds: 1, fault: 200, answered: 300, faultMs: 20_000, later: 100, tries: 1 };
const fully = {
  sizes: [1000, 10_000, 100_000],
  rounds: 3,
  fault: 10_000,
  answered: 1000,
  faultMs: 120_000,
  later: 10_000,
  tries: 8,
};

function ratio(one: number | undefined, other: number | undefined): number | null {
  return one === undefined || other === undefined ? null : rounded(one / other, 2);
}

const head = ['zones', 'sed -i s', 'both watchers s', 'ratio', 'restarted s', 'ratio', 'unprepared s', 'ratio'];
const headCpu = ['cpu s: sed', 'a watcher', 'restarted', 'unprepared'];

function line({ zones, sed, tandem, restarted, cold }: Compared): readonly string[] {
  const against = (way: Way | undefined): readonly (number | '')[] =>
    way === undefined ? ['', ''] : [rounded(way.seconds, 2), rounded(way.seconds / sed.seconds, 2)];
  const cpu = (way: Way | undefined): number | '' => (way === undefined ? '' : rounded(way.cpu / watchers, 2));
  const seconds = [tandem, restarted, cold].flatMap(against);
  return [zones, rounded(sed.seconds, 2), ...seconds, rounded(sed.cpu, 2), ...[tandem, restarted, cold].map(cpu)].map(
    String,
  );
}

type Part = (options: BenchOptions) => Promise<BenchResult>;

function usualOf({ quick }: BenchOptions): typeof fully {
  return quick ? quickly : fully;
}

async function fault(options: BenchOptions): Promise<BenchResult> {
  const usual = usualOf(options);
  const how = { zones: Number(options.settings['fault'] ?? usual.fault), longestMs: usual.faultMs };
  const bind = await faultToAnswer(options, { kind: 'bind', ...how });
  const powerDns = await faultToAnswer(options, { kind: 'powerdns', ...how });
  return {
    fault_to_answer_s: bind.seconds,
    fault_to_answer: { zones: how.zones, order_s: bind.order, steps: bind.steps },
    fault_to_answer_powerdns_s: powerDns.seconds,
    fault_to_answer_powerdns: { zones: how.zones, order_s: powerDns.order, steps: powerDns.steps },
  };
}

async function later(options: BenchOptions): Promise<BenchResult> {
  const usual = usualOf(options);
  const zones = Number(options.settings['later'] ?? usual.later);
  const { guard, guardPowerDns, pull, pullAll } = await laterOf(options, { zones, tries: usual.tries });
  return {
    guard_s_10k: guard,
    guard_s_10k_powerdns: guardPowerDns,
    pull_s_10k: pull,
    pull_all_s_10k: pullAll,
    later_zones: zones,
  };
}

async function updates(options: BenchOptions): Promise<BenchResult> {
  const served = await answered(options, Number(options.settings['answered'] ?? usualOf(options).answered));
  return {
    vs_rfc2136: rounded(served.tandem / served.updates, 3),
    order_to_answer_s: rounded(served.tandem, 2),
    order_to_answer_steps: served.steps,
  };
}

async function rewrite(options: BenchOptions): Promise<BenchResult> {
  const { settings, say } = options;
  const usual = usualOf(options);
  const sizes = settings['zones']?.split(',').map(Number) ?? usual.sizes;
  const rounds = Number(settings['rounds'] ?? usual.rounds);
  const unprepared = Number(settings['unprepared'] ?? Number.POSITIVE_INFINITY);
  const rows: Compared[] = [];
  for (const size of sizes) rows.push(await compare(options, size, size > 20_000 ? 1 : rounds, size <= unprepared));
  say(table([[...head, ...headCpu], ...rows.map(line)]));
  const ten = rows.find(({ zones }) => zones === 10_000) ?? rows.at(-1);
  const hundred = rows.find(({ zones }) => zones === 100_000);
  return {
    vs_sed_10k: ratio(ten?.tandem.seconds, ten?.sed.seconds),
    vs_sed_10k_unprepared: ratio(ten?.cold?.seconds, ten?.sed.seconds),
    vs_sed_10k_restarted: ratio(ten?.restarted?.seconds, ten?.sed.seconds),
    vs_sed_10k_cpu: ratio(ten === undefined ? undefined : ten.tandem.cpu / watchers, ten?.sed.cpu),
    vs_sed_10k_cpu_unprepared: ratio(ten?.cold === undefined ? undefined : ten.cold.cpu / watchers, ten?.sed.cpu),
    vs_sed_10k_cpu_restarted: ratio(
      ten?.restarted === undefined ? undefined : ten.restarted.cpu / watchers,
      ten?.sed.cpu,
    ),
    growth_100k_over_10k: ratio(hundred?.tandem.seconds, ten?.tandem.seconds),
    growth_100k_over_10k_cpu: ratio(hundred?.tandem.cpu, ten?.tandem.cpu),
    sizes: rows,
  };
}

const parts: Readonly<Record<string, Part>> = { fault, later, updates, rewrite };

/** All parts one after the other, or those named by `--part fault,later`. */
async function run(options: BenchOptions): Promise<BenchResult> {
  const wanted = options.settings['part']?.split(',') ?? Object.keys(parts);
  let result: BenchResult = {};
  for (const name of wanted) {
    const part = parts[name];
    if (part === undefined) throw new RangeError(`no part ${name}: ${Object.keys(parts).join(', ')}`);
    result = { ...result, ...(await part(options)) };
  }
  return result;
}

/** Zones rewritten and answered, against `sed -i` and dynamic updates. */
export const switching: Bench = {
  about: 'an order in every zone file, against sed -i over the same files and against RFC 2136 updates',
  run,
};
