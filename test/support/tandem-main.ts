/** The program itself, for tests that compile it once (buildScript) and start it as people do. */
await import('../../src/main.ts');
