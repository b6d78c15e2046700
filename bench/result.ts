/** What a benchmark is asked for. */
export interface BenchOptions {
  /** Smaller, under 45 s, for daily use. */
  readonly quick: boolean;
  readonly seed: number;
  /** Further `--name value` pairs, known to the benchmark. */
  readonly settings: Readonly<Record<string, string>>;
  /** A folder on a real disk, removed afterwards. */
  readonly dir: string;
  say(text: string): void;
}

/** The last line of the output: keys, and the sizes, seeds, file system and faults of the run. */
export type BenchResult = Readonly<Record<string, unknown>>;

export interface Bench {
  /** One line for the list. */
  readonly about: string;
  /** Nothing of the benchmark's own runs as a process that would have to be compiled before. */
  readonly isUncompiled?: true;
  run(options: BenchOptions): Promise<BenchResult>;
}

/** The middle value; of an even number the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  if (Number.isInteger(half)) return ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2;
  return sorted[Math.floor(half)] ?? Number.NaN;
}

/** The value below which `share` of all lie, by nearest rank. NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

/** Columns of text, right-aligned but the first. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return rows.map(line).join('\n');
}
