/** What is kept on the masters, as pages: one version beside the present one, and the trash. Pure. */
import type { Viewed } from '../../filesync/report.ts';
import { shown } from '../../filesync/shown.ts';
import type { Watched } from '../../filesync/watch.ts';
import type { TimeReader } from '../../routes/portal/present/reader.ts';
import type { Block, Sheet } from '../../routes/portal/sheet.ts';
import type { PortalSay } from '../../routes/portal/texts/en.ts';
import { linesBetween } from './lines.ts';
import { keptRow, mostListed, partsOf, post, size } from './sheets.ts';

const trail = (say: PortalSay) => ({ label: say('files.title'), href: '/filesync' });

function facts(of: Viewed['kept'] | null, say: PortalSay): string {
  if (of === null) return say('files.nothing-there');
  return `${size(of.size)}, ${new Date(of.mtimeMs).toISOString().slice(0, 19).replace('T', ' ')}, ${of.owner}`;
}

function comparison({ kept, current }: Viewed, say: PortalSay): readonly Block[] {
  const labels = { change: say('files.change'), before: say('files.kept'), after: say('files.in-place') };
  if (kept.text === null || (current !== null && current.text === null))
    return [{ kind: 'text', tone: 'meta', text: say('files.no-text') }];
  const found = linesBetween(kept.text, current?.text ?? '', say);
  if (found === undefined) return [{ kind: 'text', tone: 'meta', text: say('files.differ-everywhere') }];
  const { lines, folded } = found;
  if (lines.length === 0) return [{ kind: 'text', tone: 'meta', text: say('files.same') }];
  return [{ kind: 'difference', lines, folded, labels }];
}

/** One kept version beside what is in its place. */
export function keptSheet(master: Pick<Watched, 'id' | 'name'>, kept: string, both: Viewed, say: PortalSay): Sheet {
  return {
    heading: shown(both.key),
    machine: true,
    trail: trail(say),
    blocks: [
      {
        kind: 'facts',
        rows: [
          { label: say('files.kept-on.master', { master: master.name }), text: facts(both.kept, say) },
          { label: say('files.in-place'), text: facts(both.current, say) },
        ],
      },
      ...comparison(both, say),
      { kind: 'buttons', links: [], posts: [post('restore', say('files.put-kept'), master.id, kept)] },
    ],
  };
}

/** What was found on one master. */
export interface Found {
  readonly master: Pick<Watched, 'id' | 'name'>;
  readonly kept: readonly string[];
  readonly why: string;
}

/** Previous versions and deleted files, searched by a part of their path. */
export function trashSheet(
  watched: readonly Pick<Watched, 'id' | 'name'>[],
  asked: { readonly text: string; readonly id: string },
  found: readonly Found[],
  reader: TimeReader,
): Sheet {
  const { say } = reader;
  const options = [{ value: '', label: say('files.both'), selected: asked.id === '' }];
  for (const { id, name } of watched) options.push({ value: id, label: name, selected: id === asked.id });
  const rows = found
    .flatMap(({ master, kept }) => kept.map((one) => ({ master, one })))
    .sort((a, b) => (partsOf(a.one).at < partsOf(b.one).at ? 1 : -1));
  return {
    heading: say('files.trash'),
    trail: trail(say),
    filter: {
      action: '/filesync/trash',
      text: { name: 'text', label: say('files.path'), value: asked.text },
      selects: [{ name: 'master', label: say('files.master'), options }],
      filtered: asked.text !== '' || asked.id !== '',
    },
    blocks: [
      ...found
        .filter(({ why }) => why !== '')
        .map(({ master, why }): Block => ({ kind: 'text', tone: 'danger', text: `${master.name}: ${why}` })),
      {
        kind: 'table',
        columns: [say('files.file'), say('files.on'), say('files.when'), ''],
        rows: rows.slice(0, mostListed).map(({ master, one }) => keptRow(master, one, reader)),
        empty: asked.text === '' ? say('files.path.say') : say('files.path.nothing'),
      },
      ...(rows.length > mostListed
        ? [
            {
              kind: 'text',
              tone: 'meta',
              text: say('files.many', { count: rows.length, shown: mostListed }),
            } as const,
          ]
        : []),
    ],
  };
}
