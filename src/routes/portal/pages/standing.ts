import type { PortalParts } from '../deps.ts';
import { readerOf } from '../frame.ts';
import { ago } from '../present/time.ts';
import type { Block } from '../sheet.ts';

const most = 50;

/** Settings and certificates that the last comparison saw differ, from Tandem's own data. [] where nothing is compared. */
export async function standingBlocks(parts: PortalParts): Promise<readonly Block[]> {
  if (parts.standing === undefined) return [];
  const { say } = parts;
  const found = await parts.standing();
  return [
    { kind: 'heading', text: say('masters.standing'), id: 'standing' },
    {
      kind: 'table',
      columns: [say('drift.difference'), say('drift.kind'), say('drift.since')],
      empty: say('masters.standing.none'),
      small: true,
      rows: found
        .slice(0, most)
        .map((one) => [
          { text: one.name, href: `/drift/${one.id}`, meta: one.sentence },
          { text: one.kind },
          { time: ago(new Date(one.since).toISOString(), readerOf(parts)) },
        ]),
    },
    ...(found.length > most
      ? [{ kind: 'text', text: say('search.more', { count: found.length - most }) } as const]
      : []),
  ];
}
