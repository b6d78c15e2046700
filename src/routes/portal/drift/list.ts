/** The list of differences as its view shows it: filters in the address, counts per kind, rows to choose from. */
import type { FindingFilter } from '../../../drift/findings.ts';
import { kinds } from '../../../drift/kinds/index.ts';
import type { Finding, FindingState } from '../../../drift/model.ts';
import type { PortalParts } from '../deps.ts';
import { namesOf, readerOf } from '../frame.ts';
import type { SelectModel } from '../present/accounts.ts';
import { ago, type TimeModel } from '../present/time.ts';

export const states: readonly FindingState[] = ['open', 'repairing', 'repaired', 'accepted', 'gone'];

/** The filter as it stands in the address; unknown words are left out. */
export interface ListFilter {
  readonly state: string;
  readonly kind: string;
  readonly master: string;
  readonly origin: string;
  readonly account: string;
}

export function filterIn(query: Readonly<Record<string, unknown>>): ListFilter {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name].trim().slice(0, 64) : '');
  return {
    state: 'state' in query ? text('state') : 'open',
    kind: text('kind'),
    master: text('master'),
    origin: text('origin'),
    account: text('account').toLowerCase(),
  };
}

export function toFilter({ state, kind, master, origin, account }: ListFilter): FindingFilter {
  const known = states.find((one) => one === state);
  return {
    ...(known === undefined ? {} : { state: known }),
    ...(kind === '' ? {} : { kind }),
    ...(master === '' ? {} : { master }),
    ...(origin === 'known' || origin === 'unknown' ? { origin } : {}),
    ...(account === '' ? {} : { account }),
    limit: 200,
  };
}

export interface ListRow {
  readonly id: string;
  readonly href: string;
  readonly kind: string;
  readonly account: string;
  readonly sentence: string;
  readonly state: string;
  readonly tone: string;
  readonly isOpen: boolean;
  readonly since: TimeModel;
  readonly seen: TimeModel;
  readonly origin: string;
  readonly originHref: string;
}

const tones: Readonly<Record<FindingState, string>> = {
  open: 'warn',
  repairing: 'busy',
  repaired: 'good',
  accepted: 'wait',
  gone: 'wait',
};

export function titleOf({ say }: Pick<PortalParts, 'say'>, kind: string): string {
  return kinds.find((one) => one.id === kind)?.title ?? say('drift.kind.noted');
}

export function rowOf(parts: PortalParts, finding: Finding): ListRow {
  const reader = readerOf(parts);
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    id: finding.id,
    href: `/drift/${finding.id}`,
    kind: titleOf(parts, finding.kind),
    account: finding.account ?? '',
    sentence: finding.sentence,
    state: parts.say(`drift.state.${finding.state}`),
    tone: tones[finding.state],
    isOpen: finding.state === 'open' && finding.kind !== 'operation',
    since: ago(iso(finding.firstSeen), reader),
    seen: ago(iso(finding.lastSeen), reader),
    origin: finding.origin === undefined ? parts.say('drift.unknown') : `…${finding.origin.slice(-6)}`,
    originHref: finding.origin === undefined ? '' : `/operations/${finding.origin}`,
  };
}

/** Open ones by kind, most first; each leads to its filter. */
export function countLinks(
  parts: PortalParts,
  counts: Readonly<Record<string, number>>,
): readonly { readonly href: string; readonly text: string; readonly count: number }[] {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => ({ href: `/drift?kind=${encodeURIComponent(kind)}`, text: titleOf(parts, kind), count }));
}

export function selectsOf(parts: PortalParts, filter: ListFilter): readonly SelectModel[] {
  const { say } = parts;
  const names = namesOf(parts);
  const select = (
    name: keyof ListFilter,
    label: string,
    options: readonly (readonly [string, string])[],
  ): SelectModel => ({
    name,
    label,
    options: options.map(([value, text]) => ({ value, label: text, selected: value === filter[name] })),
  });
  return [
    select('state', say('drift.state'), [
      ['', say('drift.any-state')],
      ...states.map((s) => [s, say(`drift.state.${s}`)] as const),
    ]),
    select('kind', say('drift.kind'), [['', say('drift.any-kind')], ...kinds.map((k) => [k.id, k.title] as const)]),
    select('master', say('drift.master'), [
      ['', say('drift.any-master')],
      ...parts.masters.list.map((m) => [m.id, names(m.id)] as const),
    ]),
    select('origin', say('drift.origin'), [
      ['', say('drift.any-origin')],
      ['known', say('drift.origin.known')],
      ['unknown', say('drift.origin.unknown')],
    ]),
  ];
}
