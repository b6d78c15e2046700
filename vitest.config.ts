import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** A limit for what hangs, not a measure: a busy machine takes many times longer than a quiet one. */
const longest = 180_000;

export default defineConfig({
  test: {
    passWithNoTests: true,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/support/reporter.ts'],
    // A process takes one file after the other and loads the product once: loading it for each cost a fifth of the run.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          pool: 'threads',
          sequence: { groupOrder: 0 },
          // Several runs share this machine; a pure test that takes longer than this is stuck.
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          // Tests that open sockets or start processes: one project, since each loads the product anew.
          name: 'processes',
          include: ['test/{redis,e2e}/**/*.test.ts'],
          pool: 'forks',
          // With four files at a time the longest ones starve each other.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          setupFiles: 'test/support/leaks.ts',
          testTimeout: longest,
          hookTimeout: longest,
        },
      },
    ],
  },
});
