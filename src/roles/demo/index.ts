/** `tandem demo`: everything on one machine. Two simulated masters, Redis, a worker and all doors, with something in them. */
import { setMaxListeners } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { loadConfig } from '../../config.ts';
import { closeOnSignals, createLifecycle, type Lifecycle } from '../../lifecycle.ts';
import { createLogger, type Logger } from '../../log.ts';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { type Core, openCore, secretFields } from '../core.ts';
import { tlsOf } from '../listen.ts';
import { redisForRole } from '../redis.ts';
import { startWeb } from '../web.ts';
import { openWorker } from '../worker.ts';
import { agentFolder, homesIn, startAgents } from './files.ts';
import { findBind } from './name-server.ts';
import { makeCertificates, type Names, openNames, watchSection } from './names.ts';
import { assertPlacesFree, type Places, placesOf, ports, usualNet } from './places.ts';
import { seed } from './seed.ts';
import { play } from './story.ts';
import { type DemoWebmail, mailOptions, openDemoWebmail, webmailSettings } from './webmail.ts';
import { welcome } from './welcome.ts';

export interface DemoIo {
  readonly stdout: { write(text: string): unknown };
  readonly version: string;
}

export interface Stage {
  readonly core: Core;
  readonly sims: Readonly<Record<'m1' | 'm2', Simulator>>;
  readonly places: Places;
  readonly configFile: string;
  /** Tandem's own certificate, PEM. */
  readonly certificate: string;
  readonly say: (line: string) => void;
  /** Where the masters keep their homes, when file sync runs. */
  readonly homes: Readonly<Record<'m1' | 'm2', string>> | undefined;
  /** undefined where BIND is not installed. */
  readonly names: Names | undefined;
}

/** Plays until Ctrl-C; with `--check` it plays the story and answers 0 or 1. */
export async function startDemo(argv: readonly string[], io: DemoIo): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      check: { type: 'boolean', default: false },
      state: { type: 'string', default: 'var/demo' },
      net: { type: 'string', default: usualNet },
    },
    strict: false,
  });
  const places = placesOf(String(values.net));
  const log = createLogger({ level: values.check === true ? 'fatal' : 'warn', redact: secretFields() });
  const lifecycle = createLifecycle({ log });
  // Everything that elsewhere has a process of its own ends with this one signal.
  setMaxListeners(100, lifecycle.signal);
  closeOnSignals(lifecycle, log, (code) => process.exit(code));
  try {
    const bare = await build(String(values.state), places, io, log, lifecycle);
    const logins = await seed(bare);
    const stage = { ...bare, names: await namesOf(bare, String(values.state), logins.token, log, lifecycle) };
    if (values.check === true) return await play(stage, logins);
    io.stdout.write(welcome(stage, logins));
    await new Promise<void>((resolve) => lifecycle.signal.addEventListener('abort', () => resolve()));
    return 0;
  } finally {
    await lifecycle.closeAll();
  }
}

/** Two watchers beside it, where there is a name server for them. */
async function namesOf(
  { places, sims, certificate, say }: Stage,
  stateDir: string,
  token: string,
  log: Logger,
  lifecycle: Lifecycle,
): Promise<Names | undefined> {
  const names = await openNames({ stateDir, places, sims, log, lifecycle }, { token, certificate });
  if (names === undefined) say('BIND is not installed (Debian package bind9): the demo goes on without S3 and S4');
  else say(`Two watchers with a name server each: S3 on ${places.s3}, S4 on ${places.s4}`);
  return names;
}

async function build(stateDir: string, places: Places, io: DemoIo, log: Logger, lifecycle: Lifecycle): Promise<Stage> {
  const say = (line: string) => void io.stdout.write(`${line}\n`);
  await assertPlacesFree(places);
  // The story begins anew each time.
  await rm(stateDir, { recursive: true, force: true });
  await mkdir(stateDir, { recursive: true });
  say(`Starting two simulated masters: M1 on ${places.m1}, M2 on ${places.m2}`);
  const mail = await openDemoWebmail(stateDir, lifecycle);
  const webmail = typeof mail === 'string' ? undefined : mail;
  if (typeof mail === 'string') say(`The demo goes on without webmail: ${mail}`);
  else say(`Dovecot serves the mail of both masters, and Roundcube is on https://${places.tandem}:${ports.webmail}`);
  const sims = {
    m1: await master('m1', places.m1, stateDir, lifecycle, webmail),
    m2: await master('m2', places.m2, stateDir, lifecycle, webmail),
  };
  const configFile = join(stateDir, 'tandem.yaml');
  await makeCertificates(stateDir);
  await writeFile(configFile, stringify(await settings(stateDir, places, sims, webmail)), { mode: 0o600 });
  const config = loadConfig({ file: configFile, env: {} });
  say('Starting Redis, a worker, the portal and the passthrough');
  const redisUrl = await redisForRole(config, log, lifecycle);
  const core = await openCore({ config, log, lifecycle, crash: () => {}, redisUrl });
  const homes = (await startAgents(stateDir, log, lifecycle)) ? homesIn(stateDir) : undefined;
  if (homes === undefined) say('Perl is not installed: the demo goes on without file sync');
  else say('Two agents of file sync bring the homes on both masters to the same');
  await openWorker(core);
  await startWeb(core, io.version);
  return { core, sims, places, configFile, certificate: (await tlsOf(config)).cert, say, names: undefined, homes };
}

async function master(
  id: 'm1' | 'm2',
  listen: string,
  stateDir: string,
  lifecycle: Lifecycle,
  webmail: DemoWebmail | undefined,
): Promise<Simulator> {
  const dir = join(stateDir, id);
  await mkdir(dir, { recursive: true });
  const { whm: whmPort, cpanel: cpanelPort, control } = ports;
  const more = mailOptions(webmail);
  const sim = await startSimulator({ id, stateDir: dir, listen, whmPort, cpanelPort, control, ...more });
  lifecycle.onClose(id, () => sim.close());
  return sim;
}

async function settings(
  stateDir: string,
  places: Places,
  sims: Stage['sims'],
  mail: DemoWebmail | undefined,
): Promise<Record<string, unknown>> {
  const { ofMaster, ofAll } = webmailSettings(mail);
  const masters = [];
  for (const id of ['m1', 'm2'] as const) {
    const sim = sims[id];
    await writeFile(join(stateDir, `${id}-ca.pem`), sim.ca);
    const address = places[id];
    masters.push({
      id,
      site: id === 'm1' ? 'London' : 'Amsterdam',
      hostname: `${id}.example.net`,
      address,
      connect: address,
      credentials: { user: 'root', token: sim.rootToken },
      tls: { ca: `${id}-ca.pem` },
      archives: { path: join(id, 'files', 'home', 'tandem-archives') },
      filesync: { path: agentFolder(id) },
      ...ofMaster,
    });
  }
  // A call in doubt may take effect for 2 s here; on a real master it is minutes.
  return {
    node: 's3',
    stateDir: 'state',
    masters,
    ...ofAll,
    portal: { host: places.tandem, port: ports.portal },
    passthrough: { host: places.tandem, whmPort: ports.whm, cpanelPort: ports.cpanel },
    metrics: { host: places.tandem, port: ports.metrics },
    // A page about watchers that cannot be there would only alarm.
    ...((await findBind()) === undefined ? {} : { watch: watchSection(places) }),
    timing: { longestSeconds: 2, verifyAfterMs: 1000, leadDoubtSeconds: 5 },
  };
}
