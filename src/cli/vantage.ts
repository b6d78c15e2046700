/** `tandem vantage install MASTER`: puts the script on a master, over the administrator's own ssh, or prints how. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { loadWatchConfig, type SshPlace, type WatchConfig } from '../config-watch.ts';
import { Invalid, messageOf, Unreachable } from '../errors.ts';
import { declareChecks, targetsOf } from '../failover/checks/declare.ts';
import { checkKinds } from '../failover/checks/kinds/index.ts';
import { installScript, knownHostLines } from '../failover/vantage/install.ts';
import { askVantage } from '../failover/vantage/ssh.ts';
import { exits } from './exit.ts';
import type { Output } from './parts.ts';

const exec = promisify(execFile);

export interface VantageCli {
  readonly stdout: Output;
  /** Text of bin/tandem-vantage. */
  readonly script: () => Promise<string>;
}

const options = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  print: { type: 'boolean' },
  'boot-guard': { type: 'boolean' },
  services: { type: 'string' },
  key: { type: 'string', multiple: true },
} as const;

function placeNamed(config: WatchConfig, id: string): { readonly id: string; readonly ssh: SshPlace } {
  const place = config.places.find((one) => one.id === id);
  if (place?.ssh !== undefined) return { id, ssh: place.ssh };
  const known = config.places.filter(({ ssh }) => ssh !== undefined).map((one) => one.id);
  const hint =
    known.length === 0 ? 'Give a place the key ssh: { key: …, knownHosts: … }.' : `Known: ${known.join(', ')}`;
  throw new Invalid(`${id === '' ? 'The master is missing' : `${id} has no ssh in the configuration`}.`, [], { hint });
}

/** This watcher's key; made when there is none. */
async function ownKey({ key }: SshPlace): Promise<string> {
  if (!existsSync(key)) {
    await mkdir(dirname(key), { recursive: true, mode: 0o700 });
    await exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'tandem-watcher', '-f', key]);
  }
  const { stdout } = await exec('ssh-keygen', ['-y', '-f', key]);
  return stdout.trim();
}

/** Runs the script there as root, with whatever keys the administrator has; the session is the administrator's own. */
function runThere(ssh: SshPlace, script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'ssh',
      ['-p', String(ssh.port), `${ssh.user}@${ssh.host}`, '--', 'sh', '-s'],
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else
          reject(
            new Unreachable(`${ssh.host}: ${stderr.trim() === '' ? messageOf(error) : stderr.trim().slice(0, 300)}`),
          );
      },
    );
    child.stdin?.end(script);
  });
}

async function install(cli: VantageCli, config: WatchConfig, id: string, values: Values): Promise<number> {
  const { ssh } = placeNamed(config, id);
  const targets = targetsOf(declareChecks(config, checkKinds));
  const script = installScript({
    script: await cli.script(),
    publicKeys: [await ownKey(ssh), ...(values.key ?? [])],
    see: Object.entries(targets).flatMap(([master, ports]) => (master === id ? [] : ports)),
    services: (values.services ?? 'crond exim').split(/[ ,]+/).filter((one) => one !== ''),
    bootGuard: values['boot-guard'] === true,
    root: '',
  });
  if (values.print === true) {
    cli.stdout.write(script);
    return exits.done;
  }
  const lines = knownHostLines(ssh.host, ssh.port, await runThere(ssh, script));
  await mkdir(dirname(ssh.knownHosts), { recursive: true });
  const had = existsSync(ssh.knownHosts) ? await readFile(ssh.knownHosts, 'utf8') : '';
  if (!had.includes(lines)) await appendFile(ssh.knownHosts, lines);
  const state = await askVantage(ssh, ['state'], AbortSignal.timeout(15_000));
  const text = `tandem-vantage is on ${id}, which says: ${state}\n`;
  cli.stdout.write(values.json === true ? `${JSON.stringify({ installed: id, state })}\n` : text);
  return exits.done;
}

type Values = ReturnType<typeof parse>['values'];

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new Invalid(messageOf(cause).split('. ')[0] ?? '', [], { cause, hint: 'See: tandem help vantage' });
  }
}

/** Runs `tandem vantage …` and answers with the exit code. */
export async function vantageCommand(argv: readonly string[], cli: VantageCli): Promise<number> {
  const { values, positionals } = parse(argv);
  const [verb = '', id = ''] = positionals;
  const config = loadWatchConfig(values.config === undefined ? {} : { file: values.config });
  if (verb === 'install') return install(cli, config, id, values);
  if (verb !== 'state')
    throw new Invalid(`“${verb}” is no command of vantage.`, [], { hint: 'See: tandem help vantage' });
  const state = await askVantage(placeNamed(config, id).ssh, ['state'], AbortSignal.timeout(15_000));
  cli.stdout.write(values.json === true ? `${JSON.stringify({ master: id, state })}\n` : `${id} says: ${state}\n`);
  return exits.done;
}
