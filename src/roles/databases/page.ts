/** The portal's page on databases, from what the watch on this node has written. */
import { join } from 'node:path';
import { Router } from 'express';
import type { Config } from '../../config.ts';
import { type DatabasesState, databasesState } from '../../dbsync/state-file.ts';
import { sendSheet } from '../../routes/portal/forms.ts';
import type { PortalPage } from '../../routes/portal/page.ts';
import type { TimeReader } from '../../routes/portal/present/reader.ts';
import { ago, lasting } from '../../routes/portal/present/time.ts';
import type { Block, Cell, Sheet } from '../../routes/portal/sheet.ts';
import type { PortalKey, PortalSay } from '../../routes/portal/texts/en.ts';

const width = 600;
const height = 80;
const minute = 60_000;

/** SVG path of values over time; a gap where none is known. `most` is the top of the box. */
export function linePath(values: readonly (number | null)[], most: number): string {
  const step = width / Math.max(1, values.length - 1);
  let drawing = false;
  return values
    .map((value, at) => {
      if (value === null) {
        drawing = false;
        return '';
      }
      const y = height - (Math.min(value, most) / most) * (height - 2) - 1;
      const word = drawing ? 'L' : 'M';
      drawing = true;
      return `${word}${(at * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

function seconds(ms: number | null): string {
  return ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`;
}

const tones: Readonly<Record<string, NonNullable<Cell['tone']>>> = {
  steady: 'good',
  lagging: 'warn',
  paused: 'warn',
  'not-set-up': 'wait',
  unknown: 'wait',
};

function directionRows(state: DatabasesState, name: (id: string) => string): readonly (readonly Cell[])[] {
  return state.directions.map((one) => [
    { text: `${name(one.from)} → ${name(one.to)}` },
    { text: one.kind, tone: tones[one.kind] ?? 'bad', meta: one.kind === 'steady' ? '' : one.sentence },
    { text: seconds(one.lagMs), number: true },
    { text: String(one.waiting), number: true },
  ]);
}

function serverRows(state: DatabasesState, say: PortalSay): readonly (readonly Cell[])[] {
  return state.servers.map((one) => [
    { text: one.name },
    one.up
      ? { text: say(one.readOnly ? 'databases.read-only' : 'databases.writes'), tone: one.readOnly ? 'warn' : 'good' }
      : { text: say('databases.away'), tone: 'bad' },
    { text: one.up ? String(one.databases) : '–', number: true },
    { text: one.up ? `${(one.binlogBytes / 1_000_000).toFixed(1)} MB` : '–', number: true },
  ]);
}

function charts(state: DatabasesState, name: (id: string) => string, say: PortalSay): readonly Block[] {
  const span = lasting(state.at - (state.history[0]?.at ?? state.at), say);
  return state.directions.map((one, at): Block => {
    const values = state.history.map((row) => row.lagMs[at] ?? null);
    const known = values.filter((value) => value !== null);
    const top = Math.max(1000, ...known);
    const arrow = `${name(one.from)} → ${name(one.to)}`;
    const most = seconds(known.length === 0 ? null : Math.max(...known));
    const caption = say('databases.chart', { arrow, span, most, top: seconds(top) });
    return { kind: 'chart', path: linePath(values, top), label: caption, caption };
  });
}

const reasons: Readonly<Record<string, PortalKey>> = {
  writer: 'databases.conflict.by.writer',
  later: 'databases.conflict.by.later',
  change: 'databases.conflict.by.change',
  first: 'databases.conflict.by.first',
  arrived: 'databases.conflict.by.arrived',
  same: 'databases.conflict.by.same',
};

/** Both images of each row, side by side; nothing where an engine keeps none here. */
function conflictBlocks(state: DatabasesState, reader: TimeReader, name: (id: string) => string): readonly Block[] {
  const { say } = reader;
  if (state.newest === undefined) return [];
  const ids = state.servers.map((one) => one.id);
  const rows = state.newest.map((one): readonly Cell[] => [
    { text: ago(new Date(one.at).toISOString(), reader).text },
    { text: one.where },
    one.kind === ''
      ? { text: say('databases.conflict.left', { reason: one.reason }), tone: 'bad' }
      : {
          text: one.kind,
          meta: say('databases.conflict.stays', {
            master: name(one.winner),
            why: say(reasons[one.by] ?? 'databases.conflict.by.later'),
          }),
        },
    ...ids.map((id): Cell => ({ text: one.images[id] ?? '' })),
  ]);
  return [
    { kind: 'heading', text: say('databases.conflicts') },
    {
      kind: 'table',
      columns: [
        ...[say('databases.conflict.when'), say('databases.conflict.row'), say('databases.conflict.kind')],
        ...ids.map((id) => say('databases.conflict.had', { master: name(id) })),
      ],
      rows,
      empty: say('databases.no-conflict'),
    },
  ];
}

/** What two columns are called. */
export interface EngineWords {
  readonly waiting: PortalKey;
  readonly log: PortalKey;
}

const mariadbWords: EngineWords = { waiting: 'databases.waiting', log: 'databases.logs' };
const postgresWords: EngineWords = { waiting: 'databases.waiting-bytes', log: 'databases.log' };

/** The page's content. `now`: ms since 1970. */
export function databasesSheet(
  state: DatabasesState | undefined,
  reader: TimeReader,
  words: EngineWords = mariadbWords,
): Sheet {
  const { now, say } = reader;
  const heading = say('databases.title');
  if (state === undefined)
    return {
      heading,
      blocks: [{ kind: 'text', tone: 'note', text: say('databases.no-watch') }],
    };
  const name = (id: string): string => state.servers.find((one) => one.id === id)?.name ?? id;
  const isOld = now - state.at > minute;
  const seen = ago(new Date(state.at).toISOString(), reader).text;
  return {
    heading,
    blocks: [
      {
        kind: 'text',
        tone: isOld ? 'danger' : 'meta',
        text: isOld ? say('databases.looked.old', { age: seen }) : say('databases.looked', { age: seen }),
      },
      {
        kind: 'table',
        columns: [say('databases.direction'), say('databases.state'), say('databases.behind'), say(words.waiting)],
        rows: directionRows(state, name),
        empty: say('databases.no-direction'),
      },
      ...charts(state, name, say),
      { kind: 'heading', text: say('databases.servers') },
      {
        kind: 'table',
        columns: [say('databases.master'), say('databases.state'), say('databases.count'), say(words.log)],
        rows: serverRows(state, say),
        empty: say('databases.no-server'),
      },
      { kind: 'heading', text: say('databases.warnings') },
      {
        kind: 'table',
        columns: [say('databases.warning')],
        rows: state.warnings.map((one) => [{ text: one.sentence }]),
        empty: say('databases.no-warning'),
      },
      ...conflictBlocks(state, reader, name),
    ],
  };
}

interface Configured {
  readonly masters: readonly Pick<Config['masters'][number], 'mariadb' | 'postgres'>[];
  readonly stateDir: string;
}

/** One sheet for the engines that are configured, each under its name where there are two. */
async function sheetOf(config: Configured, reader: Parameters<typeof databasesSheet>[1]): Promise<Sheet> {
  const folder = join(config.stateDir, 'dbsync');
  const engines = [
    ...(config.masters.some((one) => one.mariadb !== undefined)
      ? [{ name: 'MariaDB', folder, words: mariadbWords }]
      : []),
    ...(config.masters.some((one) => one.postgres !== undefined)
      ? [{ name: 'PostgreSQL', folder: join(folder, 'postgres'), words: postgresWords }]
      : []),
  ];
  const sheets = await Promise.all(
    engines.map(async (one) => ({
      name: one.name,
      sheet: databasesSheet(await databasesState.read(one.folder), reader, one.words),
    })),
  );
  const isBoth = sheets.length > 1;
  return {
    heading: reader.say('databases.title'),
    blocks: sheets.flatMap(({ name, sheet }): readonly Block[] => [
      ...(isBoth ? [{ kind: 'heading', text: name } as const] : []),
      ...sheet.blocks,
    ]),
  };
}

/** The page, where database servers are configured. */
export function databasePages(config: Configured, now: () => number): readonly PortalPage[] {
  if (config.masters.every((one) => one.mariadb === undefined && one.postgres === undefined)) return [];
  return [
    {
      path: '/databases',
      title: 'databases.title',
      order: 75,
      needs: 'see-staff',
      routes(parts) {
        const router = Router();
        router.get('/databases', async (request, response) => {
          await sendSheet(parts, request, response, await sheetOf(config, { say: parts.say, now: now() }));
        });
        return router;
      },
    },
  ];
}
