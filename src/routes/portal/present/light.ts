import type { MasterStatus, Status } from '../../../operations/model.ts';
import { versionsDiffer } from '../../../operations/next-step.ts';
import type { PortalSay } from '../texts/en.ts';
import { count } from './accounts.ts';
import type { TimeReader } from './reader.ts';
import { ago, type TimeModel } from './time.ts';

/** The light in the header. */
export interface LightModel {
  readonly tone: string;
  readonly symbol: string;
  readonly sentence: string;
  /** The page that explains it. */
  readonly href: string;
}

const symbols: Readonly<Record<Status['light'], string>> = {
  redundant: '●',
  behind: '◐',
  degraded: '▲',
  down: '✕',
  'read-only': '■',
};

/** The light; undefined status means that it could not be read just now. */
export function lightModel(status: Status | undefined, say: PortalSay): LightModel {
  const href = '/masters';
  if (status === undefined) return { tone: 'unknown', symbol: '?', sentence: say('light.unknown'), href };
  return { tone: status.light, symbol: symbols[status.light], sentence: status.sentence, href };
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
export function masterModel(master: MasterStatus, reader: TimeReader): MasterModel {
  return {
    id: master.id,
    name: master.name,
    hostname: master.hostname,
    site: master.site,
    state: reader.say(`masters.state.${master.state}`),
    ...masterLooks[master.state],
    since: ago(master.since, reader),
    reason: master.reason ?? '',
    hint: master.hint ?? '',
    resume: master.state === 'parked' ? `/masters/${encodeURIComponent(master.id)}/resume` : '',
    version: master.version ?? reader.say('masters.version.unread'),
    backlog: count(master.backlog),
    held: count(master.held),
    oldest: master.oldest === undefined ? undefined : ago(master.oldest, reader),
  };
}

/** Said when the masters run different versions; '' while they are alike. */
export function versionsModel(status: Status): string {
  return versionsDiffer(status.masters) ?? '';
}

/** Facts about Tandem's own parts, in sentences. */
export function partsModel(
  status: Status,
  say: PortalSay,
): readonly { readonly label: string; readonly value: string }[] {
  const { journal, open, held, drift } = status;
  const alone = say(journal.singlePointOfFailure ? 'itself.journal.alone' : 'itself.journal.many');
  const where =
    journal.kind === 'sqlite'
      ? say('itself.journal.sqlite', { alone })
      : say('itself.journal.mariadb', { count: journal.nodes, alone });
  return [
    { label: say('itself.journal'), value: where },
    { label: say('itself.redis'), value: say(status.redis === 'up' ? 'itself.redis.up' : 'itself.redis.down') },
    { label: say('itself.workers'), value: say('itself.workers.at-work', { number: count(status.workers) }) },
    {
      label: say('itself.open'),
      value: say('itself.open.what', { open: count(open), held: count(held), drift: count(drift) }),
    },
  ];
}
