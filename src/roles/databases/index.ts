/** `tandem db COMMAND`: the pair of database servers, without journal, Redis or web. */
import { createInterface } from 'node:readline/promises';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { systemClock } from '../../clock.ts';
import { loadConfig } from '../../config.ts';
import { folderIn } from '../../dbsync/mariadb/folder.ts';
import { openPair } from '../../dbsync/pair.ts';
import { pgPairOf } from '../../dbsync/postgres/pair.ts';
import { Invalid, messageOf } from '../../errors.ts';
import { createLogger } from '../../log.ts';
import { secretFields } from '../core.ts';
import { accountCommands } from './account-commands.ts';
import { conflictCommands } from './conflict-commands.ts';
import type { Answer, DbCommand, Desk } from './model.ts';
import { type PgCommand, pgCommands } from './postgres-commands.ts';
import { repairCommands } from './repair-commands.ts';
import { setupCommand } from './setup-command.ts';
import { statusCommand } from './status-command.ts';

export interface DatabaseStreams {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: { write(text: string): unknown };
  readonly stderr: NodeJS.WritableStream;
}

/** Every command, by its word. */
export const dbCommands: Readonly<Record<string, DbCommand>> = {
  setup: setupCommand,
  status: statusCommand,
  ...repairCommands,
  ...conflictCommands,
  ...accountCommands,
};

/** What `tandem help db` prints. */
export function dbHelp(): string {
  const rows = [
    ...Object.values(dbCommands).map(({ usage, about }) => `  tandem db ${usage}\n      ${about}`),
    ...Object.values(pgCommands).map(({ usage, about }) => `  tandem db postgres ${usage}\n      ${about}`),
  ];
  return `tandem db COMMAND: the databases of both masters\n\n${rows.join('\n')}\n\nExit: 0 done, 2 bad input or configuration, 3 refused, 4 waiting or not in step, 5 unreachable.\n`;
}

const common = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parse(argv: readonly string[], command: Pick<DbCommand, 'flags'>) {
  const own = Object.entries(command.flags).map(
    ([name, kind]) => [name, { type: kind === 'text' ? 'string' : 'boolean' }] as const,
  );
  const options: NonNullable<ParseArgsConfig['options']> = { ...Object.fromEntries(own), ...common };
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    const flags = Object.entries(values).flatMap(([name, value]) =>
      Array.isArray(value) ? [] : [[name, value] as const],
    );
    return { flags: Object.fromEntries(flags), words: positionals };
  } catch (cause) {
    throw new Invalid(`${messageOf(cause).split('. ')[0]}.`, [], { cause, hint: 'See: tandem db help' });
  }
}

async function agreed(streams: DatabaseStreams, flags: Desk['flags']): Promise<boolean> {
  if (flags['yes'] === true) return true;
  if (streams.stdin.isTTY !== true) return false;
  const terminal = createInterface({ input: streams.stdin, output: streams.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('Do it? (yes/no) ')).trim());
  } finally {
    terminal.close();
  }
}

async function act(command: DbCommand, argv: readonly string[], streams: DatabaseStreams): Promise<Answer> {
  const { flags, words } = parse(argv, command);
  const file = flags['config'];
  const config = loadConfig(typeof file === 'string' ? { file } : {});
  const pair = openPair(config);
  try {
    return await command.run({
      config,
      servers: pair.servers,
      folder: folderIn(config.stateDir, Date.now),
      ...deskOf(streams, { words, flags }),
    });
  } finally {
    await pair.close();
  }
}

/** What stands on the desk of either engine's commands. */
function deskOf(
  streams: DatabaseStreams,
  asked: Pick<Desk, 'words' | 'flags'>,
): Omit<Desk, 'config' | 'servers' | 'folder'> {
  return {
    ...asked,
    clock: systemClock,
    log: createLogger({ level: 'warn', redact: secretFields() }),
    tell: (line) => void streams.stderr.write(`${line}\n`),
    agree: () => agreed(streams, asked.flags),
  };
}

async function actOnPostgres(command: PgCommand, argv: readonly string[], streams: DatabaseStreams): Promise<Answer> {
  const { flags, words } = parse(argv, command);
  const file = flags['config'];
  const config = loadConfig(typeof file === 'string' ? { file } : {});
  return await command.run({
    ...{ config, servers: pgPairOf(config), folder: folderIn(config.stateDir, Date.now) },
    ...deskOf(streams, { words, flags }),
  });
}

/** `postgres` and a command of its own, or undefined. */
function postgresCommand(argv: readonly string[]): PgCommand | undefined {
  const [engine, word = ''] = argv;
  return engine === 'postgres' && Object.hasOwn(pgCommands, word) ? pgCommands[word] : undefined;
}

/** Runs one command and answers its exit code. Throws AppErrors, which the command line turns into exits. */
export async function databaseCommand(argv: readonly string[], streams: DatabaseStreams): Promise<number> {
  const postgres = postgresCommand(argv);
  const isHelp = argv.includes('--help') || argv.includes('-h');
  if (postgres !== undefined && !isHelp) {
    const answer = await actOnPostgres(postgres, argv.slice(2), streams);
    streams.stdout.write(argv.includes('--json') ? `${JSON.stringify(answer.json)}\n` : answer.text);
    return answer.exit;
  }
  const [word = 'help', ...rest] = argv;
  const command = Object.hasOwn(dbCommands, word) ? dbCommands[word] : undefined;
  if (command === undefined || isHelp) {
    if (command === undefined && !isHelp && word !== 'help' && !word.startsWith('-'))
      throw new Invalid(`“${word.slice(0, 64)}” is no command of tandem db.`, [], { hint: 'See: tandem db help' });
    streams.stdout.write(dbHelp());
    return 0;
  }
  const answer = await act(command, rest, streams);
  const json = rest.includes('--json');
  streams.stdout.write(json ? `${JSON.stringify(answer.json)}\n` : answer.text);
  return answer.exit;
}
