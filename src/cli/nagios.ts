/** `tandem check …`, a Nagios plug-in, and `tandem nagios …`: what an existing Nagios gets of Tandem and tells it. */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadWatchConfig, type WatchConfig } from '../config-watch.ts';
import { AppError, Invalid, messageOf } from '../errors.ts';
import { tellWatcher } from '../failover/control/socket.ts';
import { objectsText } from '../failover/nagios/objects.ts';
import { NagiosAway, passiveLines, writePassive } from '../failover/nagios/passive.ts';
import { type PluginSaid, writePlugin } from '../failover/nagios/plugin.ts';
import { type Question, stateOf } from '../failover/nagios/states.ts';
import type { WatchStatus } from '../failover/watch/status.ts';
import { exits } from './exit.ts';
import type { Output } from './parts.ts';

/** What the commands touch outside themselves. */
export interface NagiosCli {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly signal: AbortSignal;
}

const text = { type: 'string' } as const;
const options = {
  config: text,
  json: { type: 'boolean' },
  'command-file': text,
  every: text,
  program: text,
} as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new Invalid(messageOf(cause).split('. ')[0] ?? '', [], { cause, hint: 'See: tandem help nagios' });
  }
}

async function ask(config: WatchConfig): Promise<WatchStatus> {
  const { data } = await tellWatcher(config.socket, { command: 'status', history: 0 });
  // The watcher's own document, over a socket that only it can open.
  return data as WatchStatus;
}

function questionOf([about = 'pair', id]: readonly string[]): Question {
  if (about === 'pair') return { about };
  if ((about === 'master' || about === 'check') && id !== undefined) return { about, id };
  throw new Invalid(`there is no check ${[about, id].join(' ').trim()}`, [], {
    hint: 'Use: tandem check pair, check master ID or check check ID',
  });
}

/** A plug-in ends with 0 to 3 and one line, whatever happens. */
export async function checkTool(argv: readonly string[], { stdout }: NagiosCli): Promise<number> {
  const said = await checked(argv);
  const { code, line } = writePlugin(said);
  stdout.write(`${line}\n`);
  return code;
}

async function checked(argv: readonly string[]): Promise<PluginSaid> {
  try {
    const { values, positionals } = parse(argv);
    const question = questionOf(positionals);
    const config = loadWatchConfig(values.config === undefined ? {} : { file: values.config });
    return stateOf(await ask(config), question);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const result = error.code === 'watch.not-running' ? 'critical' : 'unknown';
    return { result, text: messageOf(error), figures: [] };
  }
}

/** `nagios passive|objects|event`. Throws Invalid. */
export async function nagiosTool(argv: readonly string[], cli: NagiosCli): Promise<number> {
  const { values, positionals } = parse(argv);
  const [verb, ...words] = positionals;
  const config = loadWatchConfig(values.config === undefined ? {} : { file: values.config });
  const everySeconds = secondsOf(values.every);
  switch (verb) {
    case 'passive':
      return passive(config, { file: values['command-file'] ?? '/var/lib/nagios4/rw/nagios.cmd', everySeconds }, cli);
    case 'objects':
      cli.stdout.write(
        objectsText(await ask(config), {
          program: values.program ?? '/usr/local/bin/tandem',
          config: values.config ?? '/etc/tandem/tandem.yaml',
          everySeconds: everySeconds ?? 10,
          addresses: Object.fromEntries(
            config.places.flatMap(({ id, address }) => (address === undefined ? [] : [[id, address]])),
          ),
        }),
      );
      return exits.done;
    case 'event':
      return event(config, words);
    default:
      throw new Invalid(`there is no command nagios ${verb ?? ''}`.trim(), [], {
        hint: 'Use passive, objects or event.',
      });
  }
}

function secondsOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new Invalid('--every must be seconds, 1 to 9999.');
  return Number(value);
}

/** Once, or for ever with --every. A Nagios that is away is told of on stderr, and tried again. */
async function passive(
  config: WatchConfig,
  { file, everySeconds }: { readonly file: string; readonly everySeconds: number | undefined },
  { stderr, signal }: NagiosCli,
): Promise<number> {
  if (everySeconds === undefined) {
    await writePassive(file, passiveLines(await ask(config)));
    return exits.done;
  }
  while (!signal.aborted) {
    try {
      await writePassive(file, passiveLines(await ask(config)));
    } catch (error) {
      if (!(error instanceof NagiosAway) && !(error instanceof AppError)) throw error;
      stderr.write(`${new Date().toISOString()} ${messageOf(error)}\n`);
    }
    await pause(everySeconds * 1000, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
  return exits.done;
}

/** What Nagios' event handler hands over: HOST SERVICE STATE TYPE ATTEMPT. */
async function event(config: WatchConfig, words: readonly string[]): Promise<number> {
  const [host, service, state, type, attempt] = words;
  if (host === undefined || service === undefined || state === undefined || type === undefined || attempt === undefined)
    throw new Invalid('nagios event: HOST SERVICE STATE TYPE ATTEMPT are wanted.');
  const said = await tellWatcher(config.socket, {
    command: 'report',
    by: 'nagios',
    host,
    service,
    state,
    type,
    attempt,
  });
  return exits[said.exit];
}
