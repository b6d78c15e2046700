/** `tandem failover …`: works with the watcher that runs here, or with its files alone when none does. */
import { parseArgs } from 'node:util';
import { loadWatchConfig, type WatchConfig } from '../config-watch.ts';
import { Invalid, messageOf } from '../errors.ts';
import { type CommandInput, type CommandResult, commandSchema } from '../failover/control/schema.ts';
import { type Handler, NoWatcher, tellWatcher } from '../failover/control/socket.ts';
import type { GateKey } from '../failover/return-gate.ts';
import { gateNames } from '../failover/watch/gate.ts';
import type { WatchStatus } from '../failover/watch/status.ts';
import { exits } from './exit.ts';
import { failoverText, topologyText } from './failover-text.ts';
import { loginsIn } from './logins.ts';
import type { Output } from './parts.ts';
import { plain } from './render.ts';

/** What the command touches outside itself. */
export interface FailoverCli {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** Opens the watcher's files in this process, when no watcher runs; the caller closes. Throws FolderTaken. */
  readonly openHere: (
    config: WatchConfig,
  ) => Promise<{ readonly handle: Handler; readonly close: () => Promise<void> }>;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const options = {
  config: text,
  json: flag,
  help: { ...flag, short: 'h' },
  reason: text,
  to: text,
  account: text,
  minutes: text,
  from: text,
  end: text,
  override: text,
  history: text,
  hours: text,
  'second-word': flag,
  confirmed: flag,
  force: flag,
  real: flag,
  logins: text,
  return: flag,
  zone: { type: 'string', multiple: true },
} as const;

type Values = ReturnType<typeof parse>['values'];

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new Invalid(messageOf(cause).split('. ')[0] ?? '', [], { cause, hint: 'See: tandem help failover' });
  }
}

function need(value: string | undefined, what: string): string {
  if (value === undefined || value === '')
    throw new Invalid(`${what} is missing.`, [], { hint: 'See: tandem help failover' });
  return value;
}

function number(value: string | undefined, what: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (!/^\d{1,6}$/.test(value)) throw new Invalid(`${what} must be a whole number.`);
  return Number(value);
}

function overrideOf(value: string | undefined): GateKey[] {
  const names = value === undefined ? [] : value.split(',');
  return names.map((name) => {
    const found = (Object.keys(gateNames) as GateKey[]).find((key) => gateNames[key] === name.trim());
    if (found !== undefined) return found;
    throw new Invalid(`“${name}” is no gate.`, [], { hint: `Known: ${Object.values(gateNames).join(', ')}` });
  });
}

/** A moment as people type it: ISO 8601, or now. */
function moment(value: string | undefined, now: number): number {
  const at = value === undefined ? now : Date.parse(value);
  if (Number.isNaN(at)) throw new Invalid('--from is no moment.', [], { hint: 'Example: --from 2026-11-28T22:00:00Z' });
  return at;
}

function downtimeOf(name: string, values: Values, by: string, now: number): CommandInput {
  if (values.end !== undefined) return { command: 'end-downtime', by, id: values.end };
  const from = moment(values.from, now);
  const until = from + number(need(values.minutes, '--minutes'), '--minutes', 0) * 60_000;
  return {
    command: 'downtime',
    by,
    master: need(name, 'The master'),
    from,
    until,
    reason: need(values.reason, '--reason'),
  };
}

function ttlOf(name: string, values: Values, by: string): CommandInput {
  if (name !== 'lower' && name !== 'raise') {
    throw new Invalid('Say lower or raise.', [], { hint: 'Example: tandem zones ttl lower --hours 24' });
  }
  const hours = values.hours === undefined ? {} : { hours: number(values.hours, '--hours', 0) };
  return { command: 'ttl', by, care: name, zones: values.zone ?? [], ...hours };
}

function prepareOf(name: string, values: Values, by: string, move: { to?: string; account?: string }): CommandInput {
  return values.return === true
    ? { command: 'prepare', by, from: need(name, 'The master to return to'), ...move, to: name, goal: 'return' }
    : { command: 'prepare', by, from: need(name, 'The master to move away from'), ...move };
}

function drillOf(values: Values, by: string): CommandInput {
  const logins = values.logins === undefined ? [] : loginsIn(values.logins);
  return { command: 'drill', by, real: values.real === true, zones: values.zone ?? [], logins };
}

/** The words as a command. Throws Invalid. */
export function commandOf(words: readonly string[], values: Values, by: string, now: number): CommandInput {
  const [verb = 'status', name = ''] = words;
  const move = {
    ...(values.to === undefined ? {} : { to: values.to }),
    ...(values.account === undefined ? {} : { account: values.account }),
  };
  const said = { secondWord: values['second-word'] === true, confirmed: values.confirmed === true };
  switch (verb) {
    case 'status':
      return { command: 'status', history: number(values.history, '--history', 10) };
    case 'hold':
      return { command: 'hold', by, reason: need(values.reason ?? name, '--reason') };
    case 'release':
      return { command: 'release', by };
    case 'downtime':
      return downtimeOf(name, values, by, now);
    case 'ack':
      return { command: 'ack', by, check: need(name, 'The check') };
    case 'prepare':
      return prepareOf(name, values, by, move);
    case 'ttl':
      return ttlOf(name, values, by);
    case 'switch':
      return {
        command: 'switch',
        by,
        from: need(name, 'The master to move away from'),
        ...move,
        ...said,
        force: values.force === true,
      };
    case 'return': {
      const { account } = move;
      const override = overrideOf(values.override);
      return {
        command: 'return',
        by,
        to: need(name, 'The master to return to'),
        ...(account === undefined ? {} : { account }),
        ...said,
        override,
      };
    }
    case 'drill':
      return drillOf(values, by);
    case 'free':
      return { command: 'free', by, master: need(name, 'The master'), secondWord: said.secondWord };
    default:
      throw new Invalid(`“${plain(verb)}” is no command of failover.`, [], { hint: 'See: tandem help failover' });
  }
}

const exitOf = { done: exits.done, refused: exits.refused, waiting: exits.waiting, invalid: exits.invalid } as const;

async function tell(cli: FailoverCli, config: WatchConfig, command: CommandInput): Promise<CommandResult> {
  try {
    return await tellWatcher(config.socket, command);
  } catch (error) {
    if (!(error instanceof NoWatcher) || error.hint === 'See its log.') throw error;
    cli.stderr.write('No watcher runs here; the files are used alone. Start it with: tandem watch\n');
    const here = await cli.openHere(config);
    try {
      return await here.handle(commandSchema.parse(command));
    } finally {
      await here.close();
    }
  }
}

/** Runs `tandem failover …` and answers with the exit code. */
export async function failoverCommand(argv: readonly string[], cli: FailoverCli): Promise<number> {
  const { values, positionals } = parse(argv);
  const config = loadWatchConfig(values.config === undefined ? {} : { file: values.config });
  const json = values.json === true;
  if (positionals[0] === 'faults') {
    const { text: table, rows } = topologyText(config);
    cli.stdout.write(json ? `${JSON.stringify({ faults: rows })}\n` : table);
    return exits.done;
  }
  const by = cli.env['SUDO_USER'] ?? cli.env['USER'] ?? 'root';
  const said = await tell(cli, config, commandOf(positionals, values, by, cli.now()));
  const isStatus = positionals[0] === undefined || positionals[0] === 'status';
  if (json) cli.stdout.write(`${JSON.stringify(isStatus ? said.data : said)}\n`);
  // The document comes from the same program, which has just checked it.
  else if (isStatus) cli.stdout.write(failoverText(said.data as WatchStatus, config));
  else cli.stdout.write([said.sentence, ...said.lines].map((line) => `${plain(line)}\n`).join(''));
  return exitOf[said.exit];
}
