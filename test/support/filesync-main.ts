/** The agent itself, compiled once for the tests (buildScript). */
await import('../../src/filesync/main.ts');
