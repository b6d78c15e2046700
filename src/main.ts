/** The composition root: configuration → parts → roles and commands → close in reverse order. */
import { readFile } from 'node:fs/promises';
import { actions } from './actions/index.ts';
import { failoverCommand } from './cli/failover.ts';
import { checkTool, nagiosTool } from './cli/nagios.ts';
import type { Parts, Role } from './cli/parts.ts';
import { runCli } from './cli/run-cli.ts';
import { vantageCommand } from './cli/vantage.ts';
import { zonesCommand } from './cli/zones.ts';
import { environment, loadConfig } from './config.ts';
import { publishState } from './failover/publish/open-publish.ts';
import { closeOnSignals, createLifecycle } from './lifecycle.ts';
import { createLogger } from './log.ts';
import { CRASH_POINTS } from './operations/crash-points.ts';
import { type Core, openCore, secretFields } from './roles/core.ts';
import { crashAt } from './roles/crash.ts';
import { databaseCommand } from './roles/databases/index.ts';
import { dbsyncRole } from './roles/dbsync.ts';
import { startDemo } from './roles/demo/index.ts';
import { doctor } from './roles/doctor.ts';
import { driftOf } from './roles/drift.ts';
import { startNotify } from './roles/notify.ts';
import { runNotifyCommand } from './roles/notify-command.ts';
import { openPublishing } from './roles/publish.ts';
import { redisForCommand, redisForRole } from './roles/redis.ts';
import { projectVersion } from './roles/version.ts';
import { openHere, vantageScript, watchRole, witnessRole } from './roles/watch.ts';
import { startWeb } from './roles/web.ts';
import { openWorker } from './roles/worker.ts';
import { simCommand } from './simulator/cli.ts';
import { targetOf, verifyMaster } from './verify/verify.ts';
import { functions } from './whm/functions/index.ts';

const version = await projectVersion();

/** What commands work with. They end soon, so they start no Redis and no worker. */
async function openParts(file: string | undefined): Promise<Parts> {
  const config = loadConfig(file === undefined ? {} : { file });
  const log = createLogger({ level: 'warn', redact: secretFields() });
  const lifecycle = createLifecycle({ log });
  try {
    const core = await openCore({ config, log, lifecycle, crash: () => {}, redisUrl: redisForCommand(config) });
    return {
      operations: core.operations,
      reads: core.reads,
      auth: core.auth,
      archives: core.archives,
      drift: driftOf(core),
      doctor: () => doctor(core, redisForCommand(config)),
      verify: (id, options) =>
        verifyMaster(
          { target: targetOf(config.masters, id), masters: core.deps.masters, signal: untilTold() },
          options,
        ),
      close: () => lifecycle.closeAll(),
    };
  } catch (error) {
    await lifecycle.closeAll();
    throw error;
  }
}

/** A role that runs until it is told to stop: `tandem web`, `tandem worker`, `tandem web worker`. */
function role(...starts: readonly ((core: Core) => Promise<unknown>)[]): Role {
  return async (argv) => {
    const file = configOf(argv);
    const config = loadConfig(file === undefined ? {} : { file });
    const log = createLogger({ level: config.log.level, redact: secretFields() });
    const lifecycle = createLifecycle({ log });
    closeOnSignals(lifecycle, log, (code) => process.exit(code));
    try {
      const redisUrl = await redisForRole(config, log, lifecycle);
      const core = await openCore({ config, log, lifecycle, crash: crashAt(config.crashAt), redisUrl });
      for (const start of starts) await start(core);
    } catch (error) {
      await lifecycle.closeAll();
      throw error;
    }
    await new Promise<void>((resolve) => lifecycle.signal.addEventListener('abort', () => resolve()));
    await lifecycle.closeAll();
    return 0;
  };
}

function configOf(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--config');
  return at < 0 ? undefined : argv[at + 1];
}

/** Aborts on SIGTERM or SIGINT. */
function untilTold(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

/** A worker also warns: it knows what the masters said last. */
async function worker(core: Core): Promise<void> {
  await openWorker(core);
  await startNotify(core);
}

async function web(core: Core): Promise<void> {
  core.log.info({ ...(await startWeb(core, version)) }, 'listening');
}

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: environment(),
  open: openParts,
  roles: {
    web: (argv) => (argv.includes('worker') ? role(web, worker)(argv) : role(web)(argv)),
    worker: (argv) => (argv.includes('web') ? role(web, worker)(argv) : role(worker)(argv)),
    watch: (argv) => watchRole(argv),
    witness: (argv) => witnessRole(argv),
    sim: (argv) => simCommand(argv, { stdout: process.stdout, stderr: process.stderr, signal: untilTold() }),
    dbsync: dbsyncRole,
    notify: (argv) => runNotifyCommand(argv, { stdout: process.stdout, env: environment(), signal: untilTold() }),
    db: (argv) => databaseCommand(argv, { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr }),
    // Loaded only when it runs: it binds the C library, which no other role needs.
    filesync: async (argv) =>
      (await import('./filesync/run.ts')).filesyncCommand(argv, { stdout: process.stdout, stderr: process.stderr }),
    demo: (argv) => startDemo(argv, { stdout: process.stdout, version }),
  },
  tools: {
    check: (argv) => checkTool(argv, { stdout: process.stdout, stderr: process.stderr, signal: untilTold() }),
    nagios: (argv) => nagiosTool(argv, { stdout: process.stdout, stderr: process.stderr, signal: untilTold() }),
    zones: (argv) =>
      zonesCommand(argv, {
        stdout: process.stdout,
        open: (config) => openPublishing(config, createLogger({ level: 'warn', redact: [] })),
        state: (config) => publishState(config.stateDir),
        signal: untilTold(),
      }),
    failover: (argv) =>
      failoverCommand(argv, {
        stdout: process.stdout,
        stderr: process.stderr,
        env: environment(),
        now: Date.now,
        openHere,
      }),
    vantage: (argv) => vantageCommand(argv, { stdout: process.stdout, script: vantageScript }),
  },
  actions,
  functions: functions.all,
  crashPoints: CRASH_POINTS,
  readFile: (path) => readFile(path, 'utf8'),
  now: Date.now,
  version,
});
