/** What a repair would do, before it is done, and what became of it. */
import type { Previews, Repaired } from '../../../drift/apply.ts';
import type { Finding } from '../../../drift/model.ts';
import type { PortalParts } from '../deps.ts';
import { namesOf } from '../frame.ts';
import type { Block, Cell, Sheet } from '../sheet.ts';
import { briefs } from './finding.ts';
import { titleOf } from './list.ts';

function about(parts: PortalParts, finding: Finding): Cell {
  return {
    text: finding.name,
    machine: true,
    href: `/drift/${finding.id}`,
    meta: [titleOf(parts, finding.kind), finding.account ?? ''].filter((t) => t !== '').join(', '),
  };
}

/** The preview, with the button that does it. */
export function previewSheet(parts: PortalParts, previews: Previews, from: string, mayDecide: boolean): Sheet {
  const { say } = parts;
  const names = namesOf(parts);
  const able = previews.each.filter((p) => p.objections.length === 0);
  const meant = previews.brakes.length > 0;
  const rows = previews.each.map((p): readonly Cell[] => [
    about(parts, p.finding),
    ...briefs(parts, p.finding).map((text) => ({ text })),
    { text: names(p.from) },
    p.objections.length > 0
      ? { text: say('drift.left'), tone: 'warn', meta: p.objections.join(' ') }
      : { text: p.steps.map((s) => s.sentence).join('; ') },
  ]);
  const button: Block = {
    kind: 'form',
    action: '/drift/repair',
    fields: [],
    button: meant ? say('drift.do.meant', { count: able.length }) : say('drift.do', { count: able.length }),
    danger: meant,
    hidden: { ...(from === '' ? {} : { from }), ...(meant ? { meant: '1' } : {}) },
    repeated: { name: 'id', values: able.map((p) => p.finding.id) },
  };
  return {
    heading: say('drift.preview.title', { count: previews.each.length }),
    trail: { label: say('drift.title'), href: '/drift' },
    blocks: [
      ...previews.brakes.map((b): Block => ({ kind: 'text', text: b.sentence, tone: 'danger' })),
      {
        kind: 'table',
        columns: [
          say('drift.difference'),
          ...(previews.each[0]?.finding.sides ?? []).map((side) => names(side.master)),
          say('drift.follow'),
          say('drift.would'),
        ],
        rows,
        empty: say('drift.choose'),
      },
      ...(able.length > 0 && mayDecide ? [button] : []),
    ],
  };
}

/** A result per difference. */
export function resultSheet(
  parts: PortalParts,
  outcomes: readonly Repaired[],
  findings: ReadonlyMap<string, Finding>,
): Sheet {
  const { say } = parts;
  const rows = outcomes.map((o): readonly Cell[] => {
    const finding = findings.get(o.finding);
    const [last] = o.operations.slice(-1);
    return [
      finding === undefined ? { text: o.finding } : about(parts, finding),
      o.objections.length > 0
        ? { text: say('drift.left'), tone: 'warn', meta: o.objections.join(' ') }
        : { text: say('drift.being'), tone: 'busy' },
      last === undefined ? { text: '–' } : { text: `…${last.slice(-6)}`, machine: true, href: `/operations/${last}` },
    ];
  });
  return {
    heading: say('drift.result'),
    trail: { label: say('drift.title'), href: '/drift' },
    blocks: [
      {
        kind: 'table',
        columns: [say('drift.difference'), say('drift.state'), say('drift.operations')],
        rows,
        empty: say('drift.choose'),
      },
    ],
  };
}
