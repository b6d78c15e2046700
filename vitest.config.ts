import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** A limit for what hangs, not a measure: a busy machine takes many times longer than a quiet one. */
const longest = 180_000;

/**
 * Tests that open sockets or start processes: five files at a time. With three, both processors are idle for a fifth of
 * the time that tests of databases take. A process takes one file after the other and loads the product once: loading it
 * for each file cost a fifth of the run.
 */
const withProcesses = {
  pool: 'forks',
  isolate: false,
  maxWorkers: 5,
  sequence: { groupOrder: 1 },
  setupFiles: 'test/support/leaks.ts',
  testTimeout: longest,
  hookTimeout: longest,
} as const;

export default defineConfig({
  test: {
    passWithNoTests: true,
    // What was compiled for an earlier run, by its content.
    experimental: { fsModuleCache: true, fsModuleCachePath: '.cache/vitest' },
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/support/reporter.ts'],
    // Several runs share this machine; a pure test that takes longer than this is stuck.
    testTimeout: 20_000,
    // The same for what is asked again and again; one second, as it comes, is too short on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          isolate: false,
          setupFiles: 'test/support/patience.ts',
          pool: 'threads',
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'redis',
          include: ['test/redis/**/*.test.ts'],
          ...withProcesses,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...withProcesses,
        },
      },
    ],
  },
});
