/** File sync against the tools that others use: the same trees, the same line, the same work. */
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { chanceOf } from '../../test/support/chance.ts';
import { type Bench, type BenchOptions, type BenchResult, rounded, table } from '../result.ts';
import type { Figure } from './clock.ts';
import { big } from './rows/big.ts';
import { conflicts, cut } from './rows/conflicts.ts';
import { first, idle, restart } from './rows/first.ts';
import { mail } from './rows/mail.ts';
import { names } from './rows/names.ts';
import type { Field, Row, Sizes } from './rows/row.ts';
import { burst, singles } from './rows/small.ts';
import { loopTool } from './tools/loop.ts';
import { lsyncdTool } from './tools/lsyncd.ts';
import { syncthingTool } from './tools/syncthing.ts';
import { tandemTool } from './tools/tandem.ts';
import type { Making, Tool } from './tools/tool.ts';
import { unisonTool } from './tools/unison.ts';
import { copyOver, layOut } from './tree.ts';

type Figures = Readonly<Record<string, Figure>>;

const tools: Readonly<Record<string, (making: Making) => Promise<Tool>>> = {
  tandem: tandemTool,
  syncthing: syncthingTool,
  lsyncd: lsyncdTool,
  unison: unisonTool,
  loop: loopTool,
};

/** The order is the harness's: what may leave a tool standing still comes last. */
const rows: readonly Row[] = [first, idle, singles, burst, big, names, mail, conflicts, cut, restart];

const daily: Sizes = {
  files: 5000,
  singles: 20,
  othersSingles: 3,
  idleMs: 5000,
  bigMb: 20,
  cutMs: 10_000,
  mailMs: 3000,
  limitMs: 6000,
  patienceMs: 2000,
};

const whole: Sizes = {
  files: 100_000,
  singles: 100,
  othersSingles: 50,
  idleMs: 60_000,
  bigMb: 200,
  cutMs: 60_000,
  mailMs: 30_000,
  limitMs: 300_000,
  patienceMs: 30_000,
};

/** A tool at work on its trees, and the letters of the rows that are played with it. */
interface Lane {
  readonly name: string;
  readonly letters: string;
  readonly field: Field;
}

type Opened = (name: string, letters: string) => Promise<Lane>;

/** How lanes are opened; `stops` is told how to end each. */
function opening({ dir, seed }: BenchOptions, { roundTripMs, sizes }: Plan, stops: (() => Promise<void>)[]): Opened {
  return async (name, letters) => {
    const make = tools[name];
    if (make === undefined) throw new Error(`--tools ${name}: there are ${Object.keys(tools).join(', ')}`);
    const tool = await make({ roundTripMs, dir, patienceMs: sizes.patienceMs });
    stops.push(() => tool.stop());
    const paths = layOut(tool.home[0], sizes.files);
    if (!letters.includes('a')) {
      await copyOver(tool.home);
      await tool.start();
      await tool.started();
    }
    return { name, letters, field: { tool, sizes, chance: chanceOf(seed), paths } };
  };
}

async function play({ letters, field }: Lane): Promise<Figures> {
  const figures: Record<string, Figure> = {};
  for (const row of rows) if (letters.includes(row.letter)) Object.assign(figures, await row.run(field));
  return figures;
}

/** Opens lanes, plays all of them at once, and ends them. Answers the figures of each tool. */
async function together(
  options: BenchOptions,
  plan: Plan,
  wanted: readonly (readonly [name: string, letters: string])[],
): Promise<Readonly<Record<string, Figures>>> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const open = opening(options, plan, stops);
    const lanes = await allOf(wanted.map(([name, letters]) => open(name, letters)));
    const figures = await allOf(lanes.map(play));
    const all: Record<string, Figures> = {};
    for (const [n, { name }] of lanes.entries()) all[name] = { ...all[name], ...figures[n] };
    return all;
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}

/** As Promise.all, but when one fails the others have come to an end, too. */
async function allOf<T>(all: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(all);
  return await Promise.all(all);
}

const text = (figure: Figure | undefined): string =>
  figure === undefined ? '' : figure === 'dnf' ? 'dnf' : String(rounded(figure, figure < 10 ? 2 : 0));

/** Ours over the best of the others; of two that are nothing, 1. undefined where no other one came to an end. */
function ratio(own: Figure | undefined, others: readonly (Figure | undefined)[]): Figure | undefined {
  const best = Math.min(...others.filter((one) => typeof one === 'number'));
  if (typeof own !== 'number') return 'dnf';
  if (!Number.isFinite(best)) return undefined;
  return best === own ? 1 : rounded(own / best);
}

interface Plan {
  readonly roundTripMs: number;
  /** Where the trees lie: a folder, as `TMPDIR` names it. */
  readonly trees: string;
  readonly sizes: Sizes;
  readonly letters: string;
  readonly names: readonly string[];
}

/**
 * Trees in memory: the figures are those of the tools then, not of a disk that others use too. And an ext4 without a
 * journal looks, for every file that is made, at all that were deleted within the last minute: a run right after another
 * one took many times the processor there. `--trees FOLDER` says otherwise, as a million files must.
 */
function treesIn({ trees }: Readonly<Record<string, string>>, files: number): string {
  if (trees !== undefined) return trees;
  const shared = '/dev/shm';
  const needed = files * 20_000 + 2e9;
  try {
    const { bavail, bsize } = statfsSync(shared);
    if (bavail * bsize > needed) return shared;
  } catch {
    // No such folder: the disk has to do.
  }
  return tmpdir();
}

/** What a run does: `--rows cdf`, `--tools tandem,lsyncd`, `--files 20000`, `--singles 30`, `--rtt 50` and `--trees FOLDER` change it. */
function planned({ quick, settings }: BenchOptions): Plan {
  const sizes = quick ? daily : whole;
  const { rtt = '100', files = sizes.files, singles } = settings;
  const letters = settings['rows'] ?? (quick ? 'cdfgh' : 'abcdefghir');
  const names = (settings['tools'] ?? (quick ? 'tandem,loop' : Object.keys(tools).join(','))).split(',');
  return {
    roundTripMs: Number(rtt),
    trees: treesIn(settings, Number(files)),
    sizes: {
      ...sizes,
      files: Number(files),
      ...(singles === undefined ? {} : { singles: Number(singles), othersSingles: Number(singles) }),
    },
    letters,
    names,
  };
}

const short = (figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).map(([key, one]) => [key, one === 'dnf' ? one : rounded(one)]));

/** Rows of the other tools that make a lane of their own in the quick run: with those tools each is mostly waiting. */
const quickLanes = [/[^fgh]/g, /[fg]/g, /h/g];

function sideBySide(names: readonly string[], letters: string): readonly (readonly [string, string])[] {
  const parts = quickLanes.map((some) => (letters.match(some) ?? []).join('')).filter((part) => part !== '');
  return names.flatMap((name) => (name === 'tandem' ? [letters] : parts).map((part) => [name, part] as const));
}

/**
 * The quick run plays everything at once, each tool on pairs of its own: they disturb each other a little. The whole run
 * takes one tool after another.
 */
async function played(options: BenchOptions, plan: Plan): Promise<Readonly<Record<string, Figures>>> {
  const { letters, names } = plan;
  if (options.quick) {
    options.say(`${names.join(', ')}: side by side …`);
    return await together(options, plan, sideBySide(names, letters));
  }
  const all: Record<string, Figures> = {};
  for (const name of names) {
    options.say(`${name} …`);
    Object.assign(all, await together(options, plan, [[name, letters]]));
    // The whole takes an hour: what is known is told, so that a run that is cut short is not for nothing.
    options.say(JSON.stringify(short(all[name] ?? {})));
  }
  return all;
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const plan = planned(options);
  const { roundTripMs, sizes, letters, names, trees } = plan;
  // Whatever a pair makes lies below it.
  process.env['TMPDIR'] = trees;
  const all = await played(options, plan);
  const own = all['tandem'] ?? {};
  const others = names.filter((name) => name !== 'tandem');
  const best = (key: string): Figure | undefined =>
    ratio(
      own[key],
      others.map((name) => all[name]?.[key]),
    );
  const lines = Object.keys(all[names[0] ?? ''] ?? {}).map((key) => [
    key,
    ...names.map((name) => text(all[name]?.[key])),
    text(best(key)),
  ]);
  options.say(table([['', ...names, 'ours/best'], ...lines]));
  const lost = ['conflicts_lost', 'conflicts_differ', 'cut_wrong', 'cut_lost'];
  return {
    ...short(own),
    lost: lost.reduce((sum, key) => sum + Number(own[key] ?? 0), 0),
    vs_best_single: best('single_p50_ms') ?? null,
    others: Object.fromEntries(others.map((name) => [name, short(all[name] ?? {})])),
    rows: letters,
    side_by_side: options.quick,
    rtt_ms: roundTripMs,
    trees,
    ...sizes,
  };
}

export const filesync: Bench = {
  about: 'file sync over a slow line, beside Syncthing, lsyncd, Unison and a plain rsync loop',
  isUncompiled: true,
  run,
};
