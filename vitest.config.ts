import { defineConfig } from 'vitest/config';

const minute = 60_000;

/**
 * Tests that open sockets or start processes: each file in its own process, three files at a time: they wait more than they
 * work.
 */
const withProcesses = {
  pool: 'forks',
  isolate: true,
  maxWorkers: 3,
  sequence: { groupOrder: 1 },
  setupFiles: 'test/support/leaks.ts',
  testTimeout: minute,
  hookTimeout: minute,
} as const;

export default defineConfig({
  test: {
    passWithNoTests: true,
    reporters: ['default', './test/support/reporter.ts'],
    // Several runs share this machine; a pure test that takes longer than this is stuck.
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          isolate: false,
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
