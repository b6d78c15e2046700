import type { WatchConfig } from '../config-watch.ts';
import { type FaultRow, faultTable, faultText } from '../failover/verdict/fault-table.ts';
import { subjectOf } from '../failover/verdict/orders.ts';
import type { Topology } from '../failover/verdict/topology.ts';
import { goOn } from '../failover/warnings.ts';
import type { WatchStatus } from '../failover/watch/status.ts';
import { plain, table } from './render.ts';

/** What `tandem failover` prints for people. */

const lights: Readonly<Record<WatchStatus['light'], string>> = {
  redundant: 'Redundant',
  degraded: 'Degraded',
  'failed-over': 'Failed over',
  unknown: 'Unknown',
};

function section(title: string, body: string): string {
  return body === '' ? '' : `\n${title}\n${body}`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `  ${plain(line)}\n`).join('');
}

function whereText({ active, conflict }: WatchStatus): string {
  if (active === undefined) return `Orders contradict each other: ${conflict.join(' and ')}. Names stay as they are.`;
  const moved = Object.entries(active.accounts).map(([account, master]) => `${account} on ${master}`);
  return `Active: ${active.pair}${moved.length === 0 ? '' : `; ${moved.slice(0, 10).join(', ')}${moved.length > 10 ? ` and ${moved.length - 10} more` : ''}`}.`;
}

/** Accounts that are not where they belong, and why they wait; '' where all are. */
function placementText({ placement }: WatchStatus): readonly string[] {
  const { waiting, why } = placement;
  if (waiting.length === 0) return [];
  const named = waiting.slice(0, 5).join(', ');
  const some = waiting.length > 5 ? `${named} and ${waiting.length - 5} more` : named;
  return [`Not where they belong: ${some}.${why === undefined ? '' : ` They wait: ${why}`}`];
}

function publishText({ publish, orders }: WatchStatus): readonly string[] {
  if (publish?.last === undefined) return [];
  const { order, outcome } = publish.last;
  const asked = outcome.kind === 'asks' ? orders.find(({ id }) => id === order) : undefined;
  const more = asked === undefined ? [] : [`Go on with: ${goOn(asked)} (order ${order} waits for it)`];
  return [`Zones (order ${order}): ${outcome.sentence}`, ...more];
}

function mastersTable(status: WatchStatus): string {
  const rows = status.masters.map(({ id, site, sight, state, sentence, fence }) => {
    const passive =
      fence === undefined ? '-' : `${fence.said}${fence.said === fence.wanted ? '' : ` (should be ${fence.wanted})`}`;
    return [id, site, sight, state, passive, sentence];
  });
  return table(['MASTER', 'SITE', 'SEEN', 'STATE', 'FENCE', 'VERDICT'], rows);
}

function checksTable({ checks }: WatchStatus): string {
  const rows = checks.map((one) => {
    const marks = [
      one.type === 'soft' ? 'soft' : '',
      one.flapping ? 'flapping' : '',
      one.acknowledged ? 'acknowledged' : '',
    ];
    const state = [one.result, ...marks.filter((mark) => mark !== '')].join(', ');
    return [one.id, one.vital ? 'vital' : '', state, `${one.ms} ms`, one.text];
  });
  return table(['CHECK', '', 'STATE', 'TOOK', 'SAYS'], rows);
}

function orderLine({ id, kind, from, to, accounts, at, by }: WatchStatus['orders'][number]): string {
  return `${at}  ${id}  ${kind} ${subjectOf({ accounts })} from ${from} to ${to}, by ${by}`;
}

/** Faults in two groups: what switches by itself, and what hurts and only warns. */
function faultLines(rows: readonly FaultRow[]): string {
  const line = (row: FaultRow): string => `${faultText(row.fault)} (active on ${row.active})`;
  const switches = rows.filter(({ outcome }) => outcome === 'switches').map(line);
  const warns = rows
    .filter(({ outcome, hurts }) => hurts && outcome !== 'switches')
    .map((row) => `${line(row)}: ${row.sentence}`);
  return `Switches by itself:\n${list(switches)}Hurts, and only warns a person:\n${list(warns)}`;
}

function topologyOf(config: WatchConfig): Topology {
  return { places: config.places.map(({ id, kind, site }) => ({ id, kind, site })) };
}

/** Which faults switch by themselves in this topology, and which only warn. */
export function topologyText(config: WatchConfig): { readonly text: string; readonly rows: readonly FaultRow[] } {
  const rows = faultTable(topologyOf(config));
  return { rows, text: faultLines(rows) };
}

/** `tandem failover status`. */
export function failoverText(status: WatchStatus, config: WatchConfig): string {
  const hold = status.hold === undefined ? [] : [`ON HOLD by ${status.hold.by}: ${status.hold.reason}`];
  const downtime = status.downtime.map(
    ({ id, master, from, until, reason }) =>
      `Downtime ${id} of ${master}: ${new Date(from).toISOString()} to ${new Date(until).toISOString()}: ${reason}`,
  );
  const others = status.others.map(({ id, answers, why }) =>
    answers ? `${id} answers.` : `${id} is silent: ${why ?? ''}`,
  );
  const head = [`${lights[status.light]} (${status.node}, ${status.at})`, status.sentence, whereText(status)];
  return [
    [...head, ...placementText(status), ...hold, ...downtime, ...publishText(status)]
      .map((line) => `${plain(line)}\n`)
      .join(''),
    `\n${mastersTable(status)}`,
    section('Others', list(others)),
    section('Checks', checksTable(status)),
    section('Orders', list(status.orders.slice(-5).map(orderLine))),
    section('Warnings', list(status.warnings)),
    section('History', list(status.history.map(({ at, sentence }) => `${new Date(at).toISOString()}  ${sentence}`))),
    `\n${topologyText(config).text}`,
  ].join('');
}
