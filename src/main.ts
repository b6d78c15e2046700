/** The composition root. What a command does not need is not loaded: a person at a prompt waits for every module. */
import { readFile } from 'node:fs/promises';
import { runCli } from './cli/run-cli.ts';
import { environment } from './environment.ts';
import { projectVersion } from './roles/version.ts';

const version = await projectVersion();
const { stdin, stdout, stderr } = process;

/** Aborts on SIGTERM or SIGINT. */
function untilTold(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

async function catalogue() {
  const [{ actions }, { functions }, { CRASH_POINTS }] = await Promise.all([
    import('./actions/index.ts'),
    import('./whm/functions/index.ts'),
    import('./operations/crash-points.ts'),
  ]);
  return { actions, functions, crashPoints: CRASH_POINTS };
}

async function failover(argv: readonly string[]): Promise<number> {
  const [{ failoverCommand }, { openHere }] = await Promise.all([
    import('./cli/failover.ts'),
    import('./roles/watch.ts'),
  ]);
  return failoverCommand(argv, { stdout, stderr, env: environment(), now: Date.now, openHere });
}

async function zones(argv: readonly string[]): Promise<number> {
  const [{ zonesCommand }, { openPublishing }, { publishState }, { createLogger }] = await Promise.all([
    import('./cli/zones.ts'),
    import('./roles/publish.ts'),
    import('./failover/publish/open-publish.ts'),
    import('./log.ts'),
  ]);
  return zonesCommand(argv, {
    stdout,
    open: (config) => openPublishing(config, createLogger({ level: 'warn', redact: [] })),
    state: (config) => publishState(config.stateDir),
    signal: untilTold(),
  });
}

process.exitCode = await runCli(process.argv.slice(2), {
  stdin,
  stdout,
  stderr,
  env: environment(),
  open: async (file) => (await import('./roles/parts.ts')).openParts(file, untilTold),
  roles: {
    web: async (argv) => (await import('./roles/serve.ts')).serve(argv, 'web', version),
    worker: async (argv) => (await import('./roles/serve.ts')).serve(argv, 'worker', version),
    watch: async (argv) => (await import('./roles/watch.ts')).watchRole(argv),
    witness: async (argv) => (await import('./roles/watch.ts')).witnessRole(argv),
    sim: async (argv) => (await import('./simulator/cli.ts')).simCommand(argv, { stdout, stderr, signal: untilTold() }),
    dbsync: async (argv) => (await import('./roles/dbsync.ts')).dbsyncRole(argv),
    notify: async (argv) =>
      (await import('./roles/notify-command.ts')).runNotifyCommand(argv, {
        stdout,
        env: environment(),
        signal: untilTold(),
      }),
    db: async (argv) => (await import('./roles/databases/index.ts')).databaseCommand(argv, { stdin, stdout, stderr }),
    filesync: async (argv) => (await import('./roles/filesync/command.ts')).filesyncTool(argv, { stdout, stderr }),
    demo: async (argv) => (await import('./roles/demo/index.ts')).startDemo(argv, { stdout, version }),
  },
  tools: {
    check: async (argv) => (await import('./cli/nagios.ts')).checkTool(argv, { stdout, stderr, signal: untilTold() }),
    nagios: async (argv) => (await import('./cli/nagios.ts')).nagiosTool(argv, { stdout, stderr, signal: untilTold() }),
    zones: async (argv) => (argv[0] === 'ttl' ? failover(argv) : zones(argv)),
    failover,
    vantage: async (argv) => {
      const [{ vantageCommand }, { vantageScript }] = await Promise.all([
        import('./cli/vantage.ts'),
        import('./roles/watch.ts'),
      ]);
      return vantageCommand(argv, { stdout, script: vantageScript });
    },
  },
  catalogue,
  readFile: (path) => readFile(path, 'utf8'),
  now: Date.now,
  version,
});
