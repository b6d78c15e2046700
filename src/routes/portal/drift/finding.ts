/** One difference: both values side by side, what is known of it, and the ways out. */

import { kindOf } from '../../../drift/kinds/index.ts';
import type { Finding, Side } from '../../../drift/model.ts';
import { differingFields } from '../../../drift/plan.ts';
import type { PortalParts } from '../deps.ts';
import { namesOf } from '../frame.ts';
import type { Block, Cell, DifferenceLine, PostButton, Sheet } from '../sheet.ts';
import { adoptButton } from './adopt.ts';
import { rowOf, titleOf } from './list.ts';

/** The sheet of a finding. `mayDecide`: the person may repair and accept. */
export function findingSheet(parts: PortalParts, finding: Finding, mayDecide: boolean): Sheet {
  const { say } = parts;
  const row = rowOf(parts, finding);
  const origin: Cell =
    row.originHref === ''
      ? { text: say('drift.nobody') }
      : { text: finding.origin ?? '', href: row.originHref, machine: true };
  return {
    heading: finding.name,
    machine: true,
    trail: { label: say('drift.title'), href: '/drift' },
    blocks: [
      { kind: 'text', text: finding.sentence },
      {
        kind: 'facts',
        rows: [
          { label: say('drift.kind'), text: titleOf(parts, finding.kind) },
          { label: say('drift.state'), text: row.state, tone: tone(finding) },
          ...(finding.account === null
            ? []
            : [
                {
                  label: say('drift.account'),
                  text: finding.account,
                  href: `/drift?account=${encodeURIComponent(finding.account)}`,
                  machine: true,
                },
              ]),
          { label: say('drift.since'), time: row.since },
          { label: say('drift.seen'), time: row.seen },
          { label: say('drift.origin'), ...origin },
          ...(finding.repairOperation === undefined
            ? []
            : [
                {
                  label: say('drift.operations'),
                  text: finding.repairOperation,
                  href: `/operations/${finding.repairOperation}`,
                  machine: true,
                },
              ]),
        ],
      },
      { kind: 'heading', text: say('drift.sides') },
      ...others(parts, finding),
      ...(mayDecide ? decisions(parts, finding) : []),
    ],
  };
}

function tone({ state }: Finding): 'warn' | 'busy' | 'good' | 'wait' {
  if (state === 'open') return 'warn';
  if (state === 'repairing') return 'busy';
  return state === 'repaired' ? 'good' : 'wait';
}

/** The first master against each further one: with two masters one table. */
function others(parts: PortalParts, finding: Finding): readonly Block[] {
  const [first, ...rest] = finding.sides;
  return first === undefined ? [] : rest.map((side) => tableOf(parts, finding, first, side));
}

function tableOf(parts: PortalParts, finding: Finding, left: Side, right: Side): Block {
  const { say } = parts;
  const names = namesOf(parts);
  const fields = [...new Set([...Object.keys(left.value ?? {}), ...Object.keys(right.value ?? {})])];
  const missing = left.value === undefined || right.value === undefined;
  const kind = kindOf(finding.kind) ?? {};
  const changed = missing ? fields : differingFields(kind, left.value ?? {}, right.value ?? {});
  const shown = changed.length === 0 ? fields : changed;
  const text = (side: Side, field: string) =>
    side.value === undefined ? say('drift.not-there') : (side.value[field] ?? '');
  const lines = shown.map(
    (field): DifferenceLine => ({
      ...mark(left, right, changed.includes(field)),
      word: field,
      before: text(left, field),
      after: text(right, field),
    }),
  );
  const same = fields.length - shown.length;
  return {
    kind: 'difference',
    lines,
    folded: same === 0 ? '' : say('drift.same', { count: same }),
    labels: { change: say('drift.field'), before: names(left.master), after: names(right.master) },
  };
}

const longest = 80;
const mostAlone = 3;

/** What each master has of a thing, in a line: what differs, or a little of it where the others have nothing. */
export function briefs({ say }: Pick<PortalParts, 'say'>, finding: Finding): readonly string[] {
  const values = finding.sides.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const fields = [...new Set(values.flatMap((value) => Object.keys(value)))];
  const isEqual = (field: string) => new Set(values.map((value) => value[field] ?? '')).size < 2;
  // Of what one master alone has, a little says what it is.
  const told = fields.filter((field) => values[0]?.[field] !== '').slice(0, mostAlone);
  const differing = values.length < 2 ? told : fields.filter((field) => !isEqual(field));
  return finding.sides.map(({ value }) => {
    if (value === undefined) return say('drift.not-there');
    return (differing.length === 0 ? fields : differing).map((field) => briefOf(field, value[field] ?? '')).join(', ');
  });
}

function briefOf(field: string, value: string): string {
  return `${field}: ${value.length > longest ? `${value.slice(0, longest)}…` : value}`;
}

function mark(left: Side, right: Side, differs: boolean): Pick<DifferenceLine, 'state' | 'symbol'> {
  if (left.value === undefined) return { state: 'added', symbol: '+' };
  if (right.value === undefined) return { state: 'removed', symbol: '−' };
  return { state: 'changed', symbol: differs ? '≠' : '=' };
}

/** One click each: a repair in either direction, a preview, and the word that it is wanted. */
function decisions(parts: PortalParts, finding: Finding): readonly Block[] {
  if (finding.state !== 'open' || finding.kind === 'operation') return [];
  const { say } = parts;
  const names = namesOf(parts);
  const repairs = finding.sides.map(
    (side): PostButton => ({
      label: say('drift.make', { master: names(side.master) }),
      action: '/drift/repair',
      hidden: { id: finding.id, from: side.master },
    }),
  );
  const adopt = adoptButton(parts, finding, names);
  return [
    { kind: 'heading', text: say('drift.out') },
    {
      kind: 'buttons',
      links: [{ label: say('drift.would'), href: `/drift/preview?id=${finding.id}` }],
      posts: [
        ...(adopt === undefined ? repairs : [adopt]),
        { label: say('drift.accept'), action: '/drift/accept', hidden: { id: finding.id } },
      ],
    },
  ];
}
