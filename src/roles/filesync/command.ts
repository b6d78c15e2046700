/** `tandem filesync … --master ID`: the agent's commands, from a control node. */
import { parseArgs } from 'node:util';
import { loadConfig } from '../../config.ts';
import { AppError, Invalid, messageOf } from '../../errors.ts';
import { askAgent } from '../../filesync/remote.ts';
import { watchedOf } from './start.ts';

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Whether the words ask for an agent elsewhere. */
function isRemote(argv: readonly string[]): boolean {
  return argv.some((word) => word === '--master' || word.startsWith('--master='));
}

const askMs = 120_000;
const unknown = 3;

async function said(argv: readonly string[], { stdout }: Streams): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      master: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      'put-back': { type: 'boolean', default: false },
    },
  });
  const [verb, ...rest] = positionals;
  if (verb === undefined) throw new Invalid('say what to ask the agent: status, check, release …');
  const config = loadConfig(values.config === undefined ? {} : { file: values.config });
  const watched = watchedOf(config);
  const one = watched.find(({ id }) => id === values.master);
  if (one === undefined) {
    const known = watched.map(({ id }) => id).join(', ');
    throw new Invalid(`there is no master ${values.master} with masters.*.filesync; known are: ${known || 'none'}`);
  }
  const asked = { verb, rest, putBack: values['put-back'] };
  const reply = await askAgent(one.way, asked, AbortSignal.timeout(askMs));
  stdout.write(values.json ? `${JSON.stringify(reply.json)}\n` : reply.text);
  return reply.exit;
}

/** Answers the exit code; never throws. `check` that cannot ask is Nagios' UNKNOWN. */
async function remoteFilesync(argv: readonly string[], streams: Streams): Promise<number> {
  try {
    return await said(argv, streams);
  } catch (error) {
    const message = messageOf(error);
    if (argv.includes('check')) {
      streams.stdout.write(`FILESYNC UNKNOWN - ${message.replaceAll('|', '/').replaceAll(/\s+/g, ' ')}\n`);
      return unknown;
    }
    streams.stderr.write(`${message}\n`);
    if (!(error instanceof AppError)) return 2;
    const exits: Readonly<Record<string, number>> = { 'input.invalid': 2, 'filesync.says-no': 3 };
    return exits[error.code] ?? 5;
  }
}

/** `tandem filesync`: the agent's own commands on a master, or with `--master` those that ask it from elsewhere. */
export async function filesyncTool(argv: readonly string[], streams: Streams): Promise<number> {
  if (isRemote(argv)) return remoteFilesync(argv, streams);
  // Loaded only when it runs: it binds the C library, which nothing else needs.
  return (await import('../../filesync/run.ts')).filesyncCommand(argv, streams);
}
