/** The portal's page on databases, from what the watch on this node has written. */
import { join } from 'node:path';
import { Router } from 'express';
import type { Config } from '../../config.ts';
import { type DatabasesState, readState } from '../../dbsync/state-file.ts';
import { sendSheet } from '../../routes/portal/forms.ts';
import type { PortalPage } from '../../routes/portal/page.ts';
import { ago } from '../../routes/portal/present/time.ts';
import type { Block, Cell, Sheet } from '../../routes/portal/sheet.ts';

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

function serverRows(state: DatabasesState): readonly (readonly Cell[])[] {
  return state.servers.map((one) => [
    { text: one.name },
    one.up
      ? { text: one.readOnly ? 'read-only' : 'takes writes', tone: one.readOnly ? 'warn' : 'good' }
      : { text: 'does not answer', tone: 'bad' },
    { text: one.up ? String(one.databases) : '–', number: true },
    { text: one.up ? `${(one.binlogBytes / 1_000_000).toFixed(1)} MB` : '–', number: true },
  ]);
}

function charts(state: DatabasesState, name: (id: string) => string): readonly Block[] {
  const hours = (state.history.length / 360).toFixed(1);
  return state.directions.map((one, at): Block => {
    const values = state.history.map((row) => row.lagMs[at] ?? null);
    const known = values.filter((value) => value !== null);
    const top = Math.max(1000, ...known);
    const arrow = `${name(one.from)} → ${name(one.to)}`;
    const caption = `${arrow}: lag of the last ${hours} h, at most ${seconds(known.length === 0 ? null : Math.max(...known))}; top of the picture: ${seconds(top)}`;
    return { kind: 'chart', path: linePath(values, top), label: caption, caption };
  });
}

/** The page's content. `now`: ms since 1970. */
export function databasesSheet(state: DatabasesState | undefined, now: number): Sheet {
  const heading = 'Databases';
  if (state === undefined)
    return {
      heading,
      blocks: [{ kind: 'text', tone: 'note', text: 'No watch runs on this node. Start it with: tandem dbsync' }],
    };
  const name = (id: string): string => state.servers.find((one) => one.id === id)?.name ?? id;
  const isOld = now - state.at > minute;
  const seen = ago(new Date(state.at).toISOString(), now).text;
  return {
    heading,
    blocks: [
      {
        kind: 'text',
        tone: isOld ? 'danger' : 'meta',
        text: isOld
          ? `Last looked at ${seen}: the watch no longer runs here, so this may be wrong.`
          : `Looked at ${seen}.`,
      },
      {
        kind: 'table',
        columns: ['Direction', 'State', 'Behind', 'Transactions waiting'],
        rows: directionRows(state, name),
        empty: 'No direction is known.',
      },
      ...charts(state, name),
      { kind: 'heading', text: 'Servers' },
      {
        kind: 'table',
        columns: ['Master', 'State', 'Databases', 'Binary logs'],
        rows: serverRows(state),
        empty: 'No server is known.',
      },
      { kind: 'heading', text: 'Warnings' },
      {
        kind: 'table',
        columns: ['Warning'],
        rows: state.warnings.map((one) => [{ text: one.sentence }]),
        empty: 'Nothing is wrong.',
      },
    ],
  };
}

/** The page, where database servers are configured. */
export function databasePages(
  config: { readonly masters: readonly Pick<Config['masters'][number], 'mariadb'>[]; readonly stateDir: string },
  now: () => number,
): readonly PortalPage[] {
  if (config.masters.every((one) => one.mariadb === undefined)) return [];
  return [
    {
      path: '/databases',
      title: 'Databases',
      order: 75,
      needs: 'see-staff',
      routes(parts) {
        const router = Router();
        router.get('/databases', async (request, response) => {
          const state = await readState(join(config.stateDir, 'dbsync'));
          await sendSheet(parts, request, response, databasesSheet(state, now()));
        });
        return router;
      },
    },
  ];
}
