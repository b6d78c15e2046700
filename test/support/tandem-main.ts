/** The program itself, compiled once for the tests (buildScript), which start it as people do. */
await import('../../src/main.ts');
