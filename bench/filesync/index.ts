/** File sync against a watcher with a plain rsync loop: the same trees, the same line, the same work. */
import { type Bench, type BenchOptions, type BenchResult, quantile, rounded, table } from '../result.ts';
import { mail } from './mail.ts';
import { burst, conflicts, cut, layOut, rename, singles, type Took } from './rows.ts';
import { plainTool, type Tool, tandemTool } from './tools.ts';

interface Figures {
  readonly name: string;
  readonly p50: number;
  readonly p95: number;
  readonly missed: number;
  readonly burstMs: Took;
  readonly renameMs: Took;
  readonly renameKb: number;
  readonly removeMs: Took;
  readonly differ: number;
  readonly lost: number;
  readonly convergeMs: Took;
  readonly wrong: number;
  readonly mailMs: Took;
  readonly mailWrong: number;
}

interface Sizes {
  readonly files: number;
  readonly singles: number;
  readonly downMs: number;
  readonly limitMs: number;
}

async function measured(tool: Tool, sizes: Sizes): Promise<Figures> {
  const { pair } = tool;
  const isOurs = tool.name === 'tandem';
  const settle = (): Promise<void> => (isOurs ? pair.quiet() : new Promise((resolve) => setTimeout(resolve, 4000)));
  try {
    layOut(pair.home, sizes.files);
    await tool.start();
    const all = await singles(pair, isOurs ? sizes.singles : Math.ceil(sizes.singles / 4), sizes.limitMs);
    const took = all.filter((one) => one !== 'dnf');
    const burstMs = await burst(pair, sizes.limitMs * 2);
    await settle();
    const renamed = await rename(pair, settle, sizes.limitMs);
    const both = await conflicts(pair, settle, isOurs);
    const { took: convergeMs, wrong } = await cut(pair, settle, sizes.downMs, sizes.limitMs * 2);
    const letters = await mail(pair, settle, sizes.limitMs);
    return {
      name: tool.name,
      p50: quantile(took, 0.5),
      p95: quantile(took, 0.95),
      missed: all.length - took.length,
      burstMs,
      renameMs: renamed.rename,
      renameKb: renamed.bytes / 1000,
      removeMs: renamed.remove,
      differ: both.differ,
      lost: both.lost,
      convergeMs,
      wrong,
      mailMs: letters.took,
      mailWrong: letters.wrong,
    };
  } finally {
    await tool.stop();
  }
}

const text = (took: Took): string => (took === 'dnf' ? 'dnf' : `${Math.round(took)} ms`);
const seconds = (took: Took): number | 'dnf' => (took === 'dnf' ? 'dnf' : rounded(took / 1000));

function row(one: Figures): readonly string[] {
  return [
    one.name,
    text(one.p50),
    text(one.p95),
    String(one.missed),
    text(one.burstMs),
    text(one.renameMs),
    `${rounded(one.renameKb, 1)} kB`,
    text(one.removeMs),
    `${one.differ}/${one.lost}`,
    text(one.convergeMs),
    String(one.wrong),
    text(one.mailMs),
    String(one.mailWrong),
  ];
}

async function run({ quick, settings, say }: BenchOptions): Promise<BenchResult> {
  const roundTripMs = Number(settings['rtt'] ?? 100);
  const sizes: Sizes = quick
    ? { files: 5000, singles: 16, downMs: 3000, limitMs: 5000 }
    : { files: 100_000, singles: 100, downMs: 60_000, limitMs: 45_000 };
  const ours = await measured(await tandemTool(roundTripMs), sizes);
  const plain = await measured(await plainTool(roundTripMs), sizes);
  const head = [
    'tool',
    'c p50',
    'c p95',
    'c dnf',
    'd 2,000',
    'f rename',
    'f sent',
    'f remove',
    'g differ/lost',
    'h equal',
    'h wrong',
    'i equal',
    'i wrong',
  ];
  say(table([head, row(ours), row(plain)]));
  return {
    rtt_ms: roundTripMs,
    files: sizes.files,
    single_p50_ms: rounded(ours.p50, 1),
    single_p95_ms: rounded(ours.p95, 1),
    burst_2000_s: seconds(ours.burstMs),
    rename_dir_s: seconds(ours.renameMs),
    rename_dir_kb: rounded(ours.renameKb, 1),
    converge_s: seconds(ours.convergeMs),
    remove_dir_s: seconds(ours.removeMs),
    lost: ours.lost + ours.wrong,
    mail_wrong: ours.mailWrong,
    vs_best_single: Number.isNaN(plain.p50) ? 'dnf' : rounded(ours.p50 / plain.p50),
  };
}

export const filesync: Bench = {
  about: 'file sync between two trees over a slow line, against a plain rsync loop',
  run,
};
