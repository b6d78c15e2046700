import type { DatabasesStatus } from '../../dbsync/status.ts';
import { databasesStatus } from '../../dbsync/status.ts';
import { answered, sentenceOf, severityOf } from '../../dbsync/verdict/plan.ts';
import type { Answer, DbCommand, Desk } from './model.ts';

const measureMs = 1000;
const words = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

function nameOf(desk: Desk): (id: string) => string {
  return (id) => desk.servers.find((one) => one.side.id === id)?.side.name ?? id;
}

/** The limits of the configuration, in milliseconds. */
export function limitsOf(desk: Pick<Desk, 'config'>): { readonly lagWarnMs: number; readonly lagGateMs: number } {
  const { lagWarnSeconds, lagGateSeconds } = desk.config.databases;
  return { lagWarnMs: lagWarnSeconds * 1000, lagGateMs: lagGateSeconds * 1000 };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function serverLines(status: DatabasesStatus): readonly string[] {
  return status.servers.map((one) =>
    answered(one)
      ? `${one.name}: ${one.databases} databases, log ${megabytes(one.binlogBytes)}${one.readOnly ? ', read-only' : ''}`
      : `${one.name}: ${one.away}`,
  );
}

function errantLines(status: DatabasesStatus, name: (id: string) => string): readonly string[] {
  return Object.entries(status.errant).map(
    ([id, gtids]) => `${name(id)}: its log holds transactions of neither master: ${gtids.join(', ')}`,
  );
}

function text(desk: Desk, status: DatabasesStatus): string {
  const name = nameOf(desk);
  const measured = Object.entries(status.latencyMs).map(
    ([id, ms]) => `a change reaches ${name(id)} in ${Math.round(ms)} ms`,
  );
  return `${[
    ...status.directions.map((one) => sentenceOf(one, name)),
    ...(measured.length === 0 ? [] : [`Just now ${measured.join(', ')}`]),
    ...serverLines(status),
    ...errantLines(status, name),
  ].join('\n')}\n`;
}

/** One line with performance data, and Nagios' exit codes. */
function nagios(desk: Desk, status: DatabasesStatus): Answer {
  const severity = severityOf(status);
  const name = nameOf(desk);
  const sentences = status.directions.map((one) => sentenceOf(one, name)).join('; ');
  const data = status.directions.map(({ from, to, verdict, waiting }) => {
    const lag = 'lagMs' in verdict ? verdict.lagMs / 1000 : 'sinceMs' in verdict ? verdict.sinceMs / 1000 : undefined;
    return `'lag_${from}_${to}'=${lag === undefined ? 'U' : `${lag.toFixed(3)}s`} 'waiting_${from}_${to}'=${waiting}`;
  });
  // A bar begins the performance data, so none may stand before it.
  const line = `DATABASES ${words[severity]}: ${sentences.replaceAll('|', '/').replaceAll(/\s+/g, ' ')} | ${data.join(' ')}\n`;
  return { json: { severity: words[severity], line }, text: line, exit: severity };
}

async function run(desk: Desk): Promise<Answer> {
  const status = await databasesStatus(desk.servers, {
    clock: desk.clock,
    limits: limitsOf(desk),
    measureMs,
  });
  if (desk.flags['nagios'] === true) return nagios(desk, status);
  const exit = severityOf(status) === 0 ? 0 : severityOf(status) === 3 ? 5 : 4;
  return { json: printable(status), text: text(desk, status), exit };
}

/** GTIDs as texts: JSON has no large numbers. */
export function printable(status: DatabasesStatus): unknown {
  return JSON.parse(
    JSON.stringify(status, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );
}

/** `tandem db status`. */
export const statusCommand: DbCommand = {
  usage: 'status [--nagios]',
  about: 'Both directions, measured now; --nagios prints one line and exits 0, 1, 2 or 3',
  flags: { nagios: 'switch' },
  run,
};
