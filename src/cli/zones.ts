/** `tandem zones …`: the zone directory of this watcher, with local files alone. */
import { parseArgs } from 'node:util';
import { loadPublishConfig, type PublishConfig } from '../config-publish.ts';
import { Invalid, messageOf } from '../errors.ts';
import type { Outcome, Prediction, Publish, PublishState } from '../failover/publish/model.ts';
import { exits } from './exit.ts';
import type { Output } from './parts.ts';
import { plain } from './render.ts';

/** What the command touches outside itself. */
export interface ZonesCli {
  readonly stdout: Output;
  /** Opens publishing in this process; the caller closes. Throws FolderTaken while a watcher runs. */
  readonly open: (config: PublishConfig) => Promise<Publish>;
  /** What is remembered, without opening anything. */
  readonly state: (config: PublishConfig) => Promise<PublishState>;
  readonly signal: AbortSignal;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const options = { config: text, json: flag, confirmed: flag, zone: { type: 'string', multiple: true } } as const;
const hint = 'See: tandem help zones';

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new Invalid(messageOf(cause).split('. ')[0] ?? '', [], { cause, hint });
  }
}

interface Said {
  readonly json: unknown;
  readonly lines: readonly string[];
  readonly exit: number;
}

function leftLines(left: PublishState['left']): readonly string[] {
  return left.map(({ zone, line, reason }) => `left alone: ${zone}${line === 0 ? '' : ` line ${line}`}: ${reason}`);
}

function stateSaid(state: PublishState): Said {
  const { order, last, moved, left, zones } = state;
  const pointing = moved.map(({ zone, account, home, pointsAt, changes }) => {
    return `${zone}${account === undefined ? '' : ` (${account})`}: ${home} → ${pointsAt}, ${changes} values`;
  });
  const lines = [
    order === undefined
      ? 'No order was ever carried out here.'
      : `Order ${order.epoch}.${order.node}: ${order.active.pair} is active.`,
    ...(last === undefined ? [] : [last.sentence]),
    `${zones} zones, ${moved.length} away from home.`,
    ...pointing.slice(0, 50),
    ...(pointing.length > 50 ? [`… and ${pointing.length - 50} more (--json lists them)`] : []),
    ...leftLines(left),
  ];
  return { json: state, lines, exit: exits.done };
}

function checkSaid(prediction: Prediction): Said {
  const { counts, left, reports } = prediction;
  const lines = [
    `${counts.zones} zones read in ${prediction.seconds.toFixed(1)} s; ${counts.left} cannot be worked on.`,
    ...leftLines(left),
    ...reports.map(({ zone, report }) => `${zone} line ${report.line}: ${report.name}: ${report.message}`),
  ];
  return { json: prediction, lines, exit: counts.left === 0 ? exits.done : exits.refused };
}

function publishSaid(outcome: Outcome): Said {
  const steps = outcome.steps.map(({ name, seconds }) => `  ${name}: ${seconds.toFixed(2)} s`);
  const late = outcome.stragglers.map(({ sentence }) => sentence);
  const exit = outcome.kind === 'done' ? exits.done : outcome.kind === 'asks' ? exits.refused : exits.waiting;
  return { json: outcome, lines: [outcome.sentence, ...late, ...leftLines(outcome.left), ...steps], exit };
}

/** Every zone as if it went to the other master: what that would find. */
async function check(publish: Publish, config: PublishConfig, only: ReadonlySet<string> | undefined): Promise<Said> {
  const away = config.masters.find(({ id }) => id !== config.home)?.id ?? config.home;
  const order = { epoch: 0, node: 'check', parents: [], instant: 0, active: { pair: away, accounts: {} } };
  return checkSaid(await publish.predict(order, only === undefined ? {} : { only }));
}

async function again(publish: Publish, cli: ZonesCli, confirmed: boolean, only: ReadonlySet<string> | undefined) {
  const { order } = await publish.state();
  if (order === undefined) {
    throw new Invalid('No order was ever carried out here.', [], { hint: 'Give one: tandem failover switch MASTER' });
  }
  return publishSaid(await publish.bring(order, cli.signal, { confirmed, ...(only === undefined ? {} : { only }) }));
}

async function said(argv: readonly string[], cli: ZonesCli): Promise<Said & { readonly isJson: boolean }> {
  const { values, positionals } = parse(argv);
  const [verb = 'state'] = positionals;
  const config = loadPublishConfig(values.config === undefined ? {} : { file: values.config });
  if (config === undefined) {
    throw new Invalid('No zones are published from here.', [], { hint: 'Add watch.publish to tandem.yaml.' });
  }
  const isJson = values.json === true;
  if (verb === 'state') return { ...stateSaid(await cli.state(config)), isJson };
  if (verb !== 'check' && verb !== 'publish')
    throw new Invalid(`“${plain(verb)}” is no command of zones.`, [], { hint });
  const only = values.zone === undefined ? undefined : new Set(values.zone.map((zone) => zone.replace(/\.$/, '')));
  const publish = await cli.open(config);
  try {
    const done =
      verb === 'check'
        ? await check(publish, config, only)
        : await again(publish, cli, values.confirmed === true, only);
    return { ...done, isJson };
  } finally {
    await publish.close();
  }
}

/** Runs `tandem zones …` and answers with the exit code. */
export async function zonesCommand(argv: readonly string[], cli: ZonesCli): Promise<number> {
  const { json, lines, exit, isJson } = await said(argv, cli);
  cli.stdout.write(isJson ? `${JSON.stringify(json)}\n` : lines.map((line) => `${plain(line)}\n`).join(''));
  return exit;
}
