import { describe, expect, it } from 'vitest';
import { lint } from './lint.ts';

const impure = [
  'export const a = Date.now();',
  'export const b = new Date();',
  'export const c = Math.random();',
  'export const d = crypto.randomUUID();',
  'export const e = () => fetch("https://m1.example.com");',
  'setTimeout(() => a, 1);',
  'setInterval(() => a, 1);',
  'export const f = process.pid;',
  'export const g = performance.now();',
];
const pure = 'export const most = (a: number, b: number) => Math.max(a, b);\n';
const rules = ['noRestrictedGlobals', 'plugin'];

function lines(file: string, text: string): readonly number[] {
  const found = lint({ [file]: text }).filter((one) => rules.includes(one.rule));
  return [...new Set(found.map((one) => one.line))].sort((a, b) => a - b);
}

describe('pure code', () => {
  it.each([
    'src/actions/dns/add.ts',
    'src/actions/define.ts',
    'src/failover/plan.ts',
    'src/filesync/safety.ts',
    'src/operations/plan.ts',
  ])('%s has no clock, chance, network, timer or process', (file) => {
    expect(lines(file, `${impure.join('\n')}\n`)).toEqual(impure.map((_line, n) => n + 1));
  });

  it('may still count', () => {
    expect(lines('src/actions/dns/add.ts', pure)).toEqual([]);
  });

  it('is a rule for these places only', () => {
    expect(lines('src/failover/turn.ts', `${impure.join('\n')}\n`)).toEqual([]);
  });
});

describe('everywhere', () => {
  it.each([
    ['a promise that nobody waits for', 'async function f() {}\nf();\n', 'noFloatingPromises'],
    ['console', 'console.log(1);\n', 'noConsole'],
    ['the environment', 'export const a = process.env;\n', 'noProcessEnv'],
    ['a default export', 'export default 1;\n', 'noDefaultExport'],
    ['any', 'export const a: any = 1;\n', 'noExplicitAny'],
    ['a bold !', 'export const a = (b?: string) => b!.length;\n', 'noNonNullAssertion'],
    ['an enum', 'export enum A { B }\n', 'noEnum'],
    ['a file of 301 lines', 'export {};\n'.repeat(301), 'noExcessiveLinesPerFile'],
    [
      'a switch that forgets a case',
      "export function f(a: 'x' | 'y'): number {\n  switch (a) {\n    case 'x':\n      return 1;\n  }\n  return 2;\n}\n",
      'useExhaustiveSwitchCases',
    ],
  ])('%s is refused', (_what, text, rule) => {
    expect(lint({ 'src/operations/accept.ts': text }).map((one) => one.rule)).toContain(rule);
  });

  it('the environment is read in config.ts alone', () => {
    const text = 'export const a = process.env;\n';
    const found = lint({ 'src/config.ts': text, 'src/main.ts': text, 'src/cli/run.ts': text });
    expect(
      found
        .filter((one) => one.rule === 'noProcessEnv')
        .map((one) => one.file)
        .sort(),
    ).toEqual(['src/cli/run.ts', 'src/main.ts']);
  });

  it('a file with capitals in its name is refused', () => {
    expect(lint({ 'src/operations/acceptIt.ts': pure }).map((one) => one.rule)).toContain('useFilenamingConvention');
  });
});
