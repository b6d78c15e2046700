import type { Action } from '../actions/define.ts';
import { AppError, Invalid, messageOf } from '../errors.ts';
import { commandNamed } from './commands.ts';
import { type Exit, exitOfError, exits } from './exit.ts';
import {
  commonOptions,
  flagIssue,
  flagsOf,
  type Options,
  optionsOf,
  parse,
  type SecretSource,
  waitOptions,
} from './flags.ts';
import { actionHelp, commandHelp, generalHelp, objectHelp } from './help.ts';
import { act, type Context, type Said } from './operation-commands.ts';
import { functionTable } from './other-commands.ts';
import type { Cli } from './parts.ts';
import { plain } from './render.ts';

const mostSecret = 64 * 1024;

/** The standard input as text, at most 64 kB: it carries a password or a key, nothing else. */
async function readAll(stdin: Cli['stdin']): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of stdin) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text.length > mostSecret) throw new Invalid('The standard input is too long for a secret.');
  }
  return text;
}

function secretsOf(cli: Cli): SecretSource {
  return {
    stdin: () => readAll(cli.stdin),
    async file(path) {
      try {
        return await cli.readFile(path);
      } catch (cause) {
        throw new Invalid(`The file ${path} cannot be read: ${messageOf(cause)}`, [], { cause });
      }
    },
  };
}

/** Opens the parts, runs, closes them whatever happened. */
async function withParts(
  cli: Cli,
  args: readonly string[],
  options: Options,
  work: (context: Context) => Promise<Said>,
): Promise<Said> {
  const { values, positionals } = parse(args, options);
  if (values['help'] === true) return help(cli, positionals);
  const config = values['config'];
  const parts = await cli.open(typeof config === 'string' ? config : undefined);
  try {
    return await work({ cli, parts, values, positionals, secrets: secretsOf(cli) });
  } finally {
    await parts.close();
  }
}

function said(text: string, json: unknown, exit: Exit = exits.done): Said {
  return { text, json, exit };
}

function help(cli: Cli, topic: readonly string[]): Said {
  const [object, verb] = topic;
  const roles = Object.keys(cli.roles);
  const action = cli.actions.find(({ id }) => id === `${object}.${verb}` || id === object);
  const word = object ?? '';
  const text = action === undefined ? (objectHelp(word, cli.actions) ?? commandHelp(word)) : actionHelp(action);
  const all = text ?? generalHelp(cli.actions, roles);
  const wanted = cli.actions
    .filter(({ id }) => action === undefined || id === action.id)
    .map(({ id, title }) => ({ id, title }));
  return said(all, { actions: wanted, roles });
}

function actionNamed(
  cli: Cli,
  argv: readonly string[],
): { readonly action: Action; readonly rest: readonly string[] } | undefined {
  const [object = '', verb = '', ...rest] = argv;
  const two = cli.actions.find(({ id }) => id === `${object}.${verb}`);
  if (two !== undefined) return { action: two, rest };
  const one = cli.actions.find(({ id }) => id === object);
  return one === undefined ? undefined : { action: one, rest: argv.slice(1) };
}

async function runAction(cli: Cli, action: Action, rest: readonly string[]): Promise<Said> {
  const options = { ...optionsOf(flagsOf(action)), ...commonOptions, ...waitOptions };
  if (parse(rest, options).values['help'] === true)
    return said(actionHelp(action), { id: action.id, title: action.title });
  return await withParts(cli, rest, options, async (context) => {
    if (context.positionals.length > 0)
      throw new Invalid(`“${context.positionals[0]}” is not understood; give values with flags.`);
    return await act(context, action);
  });
}

/** Commands that need no configuration. */
function offline(cli: Cli, argv: readonly string[]): Said | undefined {
  const [first, second] = argv;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    return help(
      cli,
      argv.slice(1).filter((word) => !word.startsWith('-')),
    );
  }
  if (first === 'version' || first === '--version') return said(`${cli.version}\n`, { version: cli.version });
  if (first === 'crash-points') return said(`${cli.crashPoints.join('\n')}\n`, { crashPoints: cli.crashPoints });
  if (first === 'functions') {
    const { values, positionals } = parse(argv.slice(1), { ...commonOptions, treatment: { type: 'string' } });
    return values['help'] === true
      ? help(cli, ['functions'])
      : functionTable(cli.functions, positionals[0], values['treatment']);
  }
  if (Object.hasOwn(cli.tools, first)) return help(cli, [first]);
  const object = second === undefined || second.startsWith('-') ? objectHelp(first, cli.actions) : undefined;
  return object === undefined ? undefined : said(object, { object: first });
}

/** `tandem --config FILE --json status` is `tandem status --config FILE --json`. */
function commandFirst(argv: readonly string[]): readonly string[] {
  const [first, second] = argv;
  if (first === '--json') return [...commandFirst(argv.slice(1)), '--json'];
  if (first?.startsWith('--config=') === true) return [...commandFirst(argv.slice(1)), first];
  if (first === '--config' && second !== undefined) return [...commandFirst(argv.slice(2)), first, second];
  return argv;
}

async function dispatch(cli: Cli, argv: readonly string[]): Promise<Said> {
  const now = offline(cli, argv);
  if (now !== undefined) return now;
  const command = commandNamed(argv);
  if (command !== undefined) return await withParts(cli, argv, command.options, (context) => command.run(context));
  const named = actionNamed(cli, argv);
  if (named !== undefined) return await runAction(cli, named.action, named.rest);
  throw notACommand(cli, argv);
}

/** A wrong verb of a right object gets the list of verbs. */
function notACommand(cli: Cli, argv: readonly string[]): Invalid {
  const [first = '', second = ''] = argv.map((word) => plain(word).slice(0, 64));
  const isObject = objectHelp(first, cli.actions) !== undefined;
  return isObject
    ? new Invalid(`“${first}” has no verb “${second}”.`, [], { hint: `See: tandem help ${first}` })
    : new Invalid(`“${first}” is no command.`, [], { hint: 'See: tandem help' });
}

/** The core's sentences begin small because they also stand inside others. */
function begun(text: string): string {
  return /^[a-z]+ /.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
}

function failure(cli: Cli, error: unknown, json: boolean): Exit {
  const exit = exitOfError(error);
  const code = error instanceof AppError ? error.code : 'internal';
  const hint = error instanceof AppError ? error.hint : undefined;
  const issues = error instanceof Invalid ? error.issues.map(flagIssue) : [];
  const lines = [begun(messageOf(error)), ...issues.map(({ path, message }) => `  ${path} ${message}`), hint ?? ''];
  cli.stderr.write(
    `${lines
      .filter((line) => line !== '')
      .map((line) => (line.trimStart() === line ? plain(line) : `  ${plain(line.trim())}`))
      .join('\n')}\n`,
  );
  if (json) {
    const body = {
      code,
      message: messageOf(error),
      ...(hint === undefined ? {} : { hint }),
      ...(issues.length === 0 ? {} : { issues }),
    };
    cli.stdout.write(`${JSON.stringify({ error: body })}\n`);
  }
  return exit;
}

/** `tandem failover --help`: said by the command line itself. */
function isHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h');
}

/**
 * Runs one command line and answers with the exit code: 0 done, 2 bad input or configuration, 3 refused, 4 on hold or
 * waiting, 5 unreachable, 1 unexpected. With --json exactly one document goes to the standard output, failures
 * included; sentences for people then go to the standard error only. Never throws.
 */
export async function runCli(given: readonly string[], cli: Cli): Promise<number> {
  const argv = commandFirst(given);
  const json = argv.includes('--json');
  const [first = ''] = argv;
  try {
    const own = { ...cli.tools, ...cli.roles };
    const role = Object.hasOwn(own, first) ? own[first] : undefined;
    if (role !== undefined && !isHelp(argv)) return await role(argv.slice(1));
    const { json: document, text, exit } = await dispatch(cli, argv);
    cli.stdout.write(json ? `${JSON.stringify(document)}\n` : text);
    return exit;
  } catch (error) {
    return failure(cli, error, json);
  }
}
