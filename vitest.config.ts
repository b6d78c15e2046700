import { defineConfig } from 'vitest/config';

const minute = 60_000;

/** Tests that open sockets or start processes: one file at a time, each in its own process. */
const withProcesses = { fileParallelism: false, pool: 'forks', isolate: true } as const;

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
          sequence: { groupOrder: 1 },
          globalSetup: ['test/support/global-redis.ts'],
          setupFiles: ['test/support/leaks.ts'],
          testTimeout: minute,
          hookTimeout: minute,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...withProcesses,
          sequence: { groupOrder: 2 },
          setupFiles: ['test/support/leaks.ts'],
          testTimeout: minute,
          hookTimeout: minute,
        },
      },
    ],
  },
});
