import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
}

interface Report {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: string; readonly start: { readonly line: number } };
  }[];
}

/** Biome exits with 1 when it found something, which here is a result. */
function biome(dir: string): string {
  const program = join(process.cwd(), 'node_modules/@biomejs/biome/bin/biome');
  const args = [program, 'lint', '.', '--reporter=json', '--max-diagnostics=none', '--skip-parse-errors'];
  try {
    return execFileSync(process.execPath, args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string') return error.stdout;
    throw error;
  }
}

/** Runs the project's own linter settings over files that exist nowhere else: path below the root → source. */
export function lint(sources: Readonly<Record<string, string>>): readonly Finding[] {
  const dir = mkdtempSync(join(tmpdir(), 'tandem-lint-'));
  try {
    for (const name of ['biome.json', 'biome-pure.grit', '.gitignore']) copyFileSync(name, join(dir, name));
    for (const [path, source] of Object.entries(sources)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), source);
    }
    // The shape is Biome's; a changed one makes every test here fail.
    const report = JSON.parse(biome(dir)) as Report;
    return report.diagnostics.map((one) => ({
      file: one.location.path,
      line: one.location.start.line,
      rule: one.category.split('/').at(-1) ?? one.category,
    }));
  } finally {
    rmSync(dir, { recursive: true });
  }
}
