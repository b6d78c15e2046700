/** `tandem notify …` at the command line. */
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { systemClock } from '../clock.ts';
import { loadNotifyConfig } from '../config-notify-file.ts';
import { Invalid, messageOf } from '../errors.ts';
import { notifyCommand } from '../notify/command.ts';
import { notifyFolders } from '../notify/open.ts';

const options = { config: { type: 'string' }, json: { type: 'boolean' }, all: { type: 'boolean' } } as const;

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new Invalid(`notify: ${messageOf(error)}`, [], { hint: 'See: tandem help notify' });
  }
}

/** Runs it and returns the exit code. Throws what the command throws. */
export async function runNotifyCommand(argv: readonly string[], { stdout, env, signal }: Streams): Promise<number> {
  const { values, positionals } = read(argv);
  const { stateDir, notify } = loadNotifyConfig(values.config === undefined ? {} : { file: values.config });
  if (notify === undefined) {
    const hint = 'Add notify with contacts to tandem.yaml; docs/notifying.md has an example.';
    throw new Invalid('nobody is to be warned: notify is not configured', [], { hint });
  }
  const said = await notifyCommand(values.all === true ? [...positionals, '--all'] : positionals, {
    config: notify,
    node: hostname(),
    folders: notifyFolders(stateDir),
    by: env['SUDO_USER'] ?? env['USER'] ?? 'root',
    clock: systemClock,
    signal,
  });
  stdout.write(values.json === true ? `${JSON.stringify(said.json)}\n` : said.text);
  return said.exit;
}
