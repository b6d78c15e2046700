import { parseArgs } from 'node:util';
import { AppError, Invalid, messageOf } from '../errors.ts';
import { closeOnSignals, createLifecycle } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import { Agent } from './agent.ts';
import { ask } from './ask.ts';
import { serveControl } from './control.ts';
import { readSettings } from './settings.ts';

interface Output {
  write(text: string): unknown;
}

/** Where a command writes. */
export interface Streams {
  readonly stdout: Output;
  readonly stderr: Output;
}

const usual = '/etc/tandem/filesync.yaml';
const help = `tandem filesync [--config FILE]            runs the agent of this master (default ${usual})
tandem filesync status                     what is known, waiting, held
tandem filesync check                      one line for Nagios, with its exit code
tandem filesync rescan [TREE[/PATH]]       compares memory and disk
tandem filesync compare                    compares both sides' memories now, as every night
tandem filesync pause ACCOUNT [REASON]     ACCOUNT is TREE/NAME, as in home/bob
tandem filesync resume ACCOUNT
tandem filesync release ACCOUNT [--put-back]   after the brake: let it through, or bring this side's state back
tandem filesync active ACCOUNT|'*' 1|2     whose mailbox descriptions (UIDs, keywords) are right; said on both sides
tandem filesync conflicts                  losers of conflicts, kept on this side
tandem filesync trash [PATH]               previous versions and deleted files
tandem filesync restore KEPT               puts one of them back in place
tandem filesync isolate | join             cuts the other master off; joins it again
`;

const exits: Readonly<Record<string, number>> = { 'input.invalid': 2, 'operation.refused': 3, 'not-found': 2 };

async function runAgent(file: string): Promise<number> {
  const settings = readSettings(file);
  const log = createLogger({ level: settings.log, redact: [] });
  const lifecycle = createLifecycle({ log });
  closeOnSignals(lifecycle, log, (code) => process.exit(code));
  try {
    const agent = new Agent({ settings, log, lifecycle, now: Date.now });
    await agent.start();
    await serveControl(agent, settings, lifecycle);
    log.info({ side: settings.side, sources: Object.fromEntries(agent.sources) }, 'file sync is running');
  } catch (error) {
    await lifecycle.closeAll();
    throw error;
  }
  await new Promise<void>((resolve) => lifecycle.signal.addEventListener('abort', () => resolve()));
  await lifecycle.closeAll();
  return 0;
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: 'string', default: usual },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        'put-back': { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new Invalid(messageOf(cause), [], { cause, hint: 'See: tandem filesync --help' });
  }
}

async function dispatch(argv: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parsed(argv);
  if (values.help) {
    streams.stdout.write(help);
    return 0;
  }
  const [verb, ...rest] = positionals;
  if (verb === undefined) return await runAgent(values.config);
  const said = await ask(readSettings(values.config).stateDir, { verb, rest, putBack: values['put-back'] });
  if (said.error !== undefined) streams.stderr.write(`${said.error}\n`);
  if (values.json) streams.stdout.write(`${JSON.stringify(said.error === undefined ? said.json : said)}\n`);
  else streams.stdout.write(said.text);
  return said.exit;
}

/** Runs the agent or one of its commands. Answers the exit code; never throws. */
export async function filesyncCommand(argv: readonly string[], streams: Streams): Promise<number> {
  try {
    return await dispatch(argv, streams);
  } catch (error) {
    const code = error instanceof AppError ? error.code : '';
    const issues = error instanceof Invalid ? error.issues.map(({ path, message }) => `  ${path} ${message}\n`) : [];
    const hint = error instanceof AppError && error.hint !== undefined ? `  ${error.hint}\n` : '';
    streams.stderr.write(`${messageOf(error)}\n${issues.join('')}${hint}`);
    return exits[code] ?? (code === '' ? 1 : 5);
  }
}
