import type { Action } from '../actions/define.ts';
import { Invalid, messageOf } from '../errors.ts';
import { commandNamed } from './commands.ts';
import { type Exit, exits } from './exit.ts';
import { commonOptions, flagsOf, type Options, optionsOf, parse, type SecretSource, waitOptions } from './flags.ts';
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
  if (first === 'crash-points') return said(`${cli.crashPoints.join('\n')}\n`, { crashPoints: cli.crashPoints });
  if (first === 'functions') {
    const { values, positionals } = parse(argv.slice(1), { ...commonOptions, treatment: { type: 'string' } });
    return values['help'] === true
      ? help(cli, ['functions'])
      : functionTable(cli.functions.all, positionals[0], values['treatment']);
  }
  if (Object.hasOwn(cli.tools, first)) return help(cli, [first]);
  const object = second === undefined || second.startsWith('-') ? objectHelp(first, cli.actions) : undefined;
  return object === undefined ? undefined : said(object, { object: first });
}

/**
 * Runs a command or an action of the catalogue, or says what there is. What needs neither (roles, tools, the version)
 * is not asked here and does not load this. Throws what `runCli` says.
 */
export async function dispatch(cli: Cli, argv: readonly string[]): Promise<Said> {
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
