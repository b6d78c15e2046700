import { AppError, Invalid, messageOf } from '../errors.ts';
import { type Exit, exitOfError, exits } from './exit.ts';
import { flagIssue } from './flag-names.ts';
import type { Said } from './operation-commands.ts';
import type { Shell } from './parts.ts';
import { plain } from './render.ts';

/** `tandem --config FILE --json status` is `tandem status --config FILE --json`. */
function commandFirst(argv: readonly string[]): readonly string[] {
  const [first, second] = argv;
  if (first === '--json') return [...commandFirst(argv.slice(1)), '--json'];
  if (first?.startsWith('--config=') === true) return [...commandFirst(argv.slice(1)), first];
  if (first === '--config' && second !== undefined) return [...commandFirst(argv.slice(2)), first, second];
  return argv;
}

/** The core's sentences begin small because they also stand inside others. */
function begun(text: string): string {
  return /^[a-z]+ /.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
}

function failure(cli: Shell, error: unknown, json: boolean): Exit {
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

/** What a command has to say. The catalogue is a quarter of a second of the processor, which no role and no tool needs. */
async function said(cli: Shell, argv: readonly string[]): Promise<Said> {
  const { version } = cli;
  if (argv[0] === 'version' || argv[0] === '--version') {
    return { text: `${version}\n`, json: { version }, exit: exits.done };
  }
  const [{ dispatch }, catalogue] = await Promise.all([import('./dispatch.ts'), cli.catalogue()]);
  return await dispatch({ ...cli, ...catalogue }, argv);
}

/**
 * Runs one command line and answers with the exit code: 0 done, 2 bad input or configuration, 3 refused, 4 on hold or
 * waiting, 5 unreachable, 1 unexpected. With --json exactly one document goes to the standard output, failures
 * included; sentences for people then go to the standard error only. Never throws.
 */
export async function runCli(given: readonly string[], cli: Shell): Promise<number> {
  const argv = commandFirst(given);
  const json = argv.includes('--json');
  const [first = ''] = argv;
  try {
    const own = { ...cli.tools, ...cli.roles };
    const role = Object.hasOwn(own, first) ? own[first] : undefined;
    if (role !== undefined && !isHelp(argv)) return await role(argv.slice(1));
    const { json: document, text, exit } = await said(cli, argv);
    cli.stdout.write(json ? `${JSON.stringify(document)}\n` : text);
    return exit;
  } catch (error) {
    return failure(cli, error, json);
  }
}
