import type { MasterStatus, Status } from '../../../operations/model.ts';
import { versionsDiffer } from '../../../operations/next-step.ts';
import { count } from './accounts.ts';
import { ago, type TimeModel } from './time.ts';

/** The light in the header. */
export interface LightModel {
  readonly tone: string;
  readonly symbol: string;
  readonly sentence: string;
}

const symbols: Readonly<Record<Status['light'], string>> = {
  redundant: '●',
  behind: '◐',
  degraded: '▲',
  down: '✕',
  'read-only': '■',
};

/** The light; undefined status means that it could not be read just now. */
export function lightModel(status: Status | undefined): LightModel {
  if (status === undefined) return { tone: 'unknown', symbol: '?', sentence: 'State not known just now' };
  return { tone: status.light, symbol: symbols[status.light], sentence: status.sentence };
}

export interface MasterModel {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly site: string;
  readonly state: string;
  readonly tone: 'good' | 'warn' | 'bad';
  readonly symbol: string;
  readonly since: TimeModel;
  readonly reason: string;
  /** What a person does about it; '' while it is reachable. */
  readonly hint: string;
  /** Where a form ends the parking; '' while it is not parked. */
  readonly resume: string;
  readonly version: string;
  readonly backlog: string;
  readonly held: string;
  readonly oldest: TimeModel | undefined;
}

const masterLooks = {
  reachable: { tone: 'good', symbol: '●' },
  unreachable: { tone: 'bad', symbol: '▲' },
  parked: { tone: 'warn', symbol: '‖' },
} as const;

/** One master as its page draws it. */
export function masterModel(master: MasterStatus, now: number): MasterModel {
  return {
    id: master.id,
    name: master.name,
    hostname: master.hostname,
    site: master.site,
    state: master.state,
    ...masterLooks[master.state],
    since: ago(master.since, now),
    reason: master.reason ?? '',
    hint: master.hint ?? '',
    resume: master.state === 'parked' ? `/masters/${encodeURIComponent(master.id)}/resume` : '',
    version: master.version ?? 'not read yet',
    backlog: count(master.backlog),
    held: count(master.held),
    oldest: master.oldest === undefined ? undefined : ago(master.oldest, now),
  };
}

/** Said when the masters run different versions; '' while they are alike. */
export function versionsModel(status: Status): string {
  return versionsDiffer(status.masters) ?? '';
}

/** Facts about Tandem's own parts, in sentences. */
export function partsModel(status: Status): readonly { readonly label: string; readonly value: string }[] {
  const { journal } = status;
  const where = journal.kind === 'sqlite' ? 'SQLite, one file on this node' : `MariaDB, ${journal.nodes} node(s)`;
  const alone = journal.singlePointOfFailure
    ? 'This journal is a single point of failure.'
    : 'No single point of failure.';
  return [
    { label: 'Journal', value: `${where}. ${alone}` },
    { label: 'Redis', value: status.redis === 'up' ? 'Up.' : 'Away. Work goes on, a little slower.' },
    { label: 'Workers', value: status.workers === 1 ? '1 at work.' : `${count(status.workers)} at work.` },
    {
      label: 'Open',
      value: `${count(status.open)} operations, ${count(status.held)} on hold, ${count(status.drift)} differences.`,
    },
  ];
}
