/** The pages on file sync as data. Pure. */
import { shown } from '../../filesync/shown.ts';
import type { FilesState, Seen, Watched } from '../../filesync/watch.ts';
import { fieldsFor } from '../../routes/portal/forms.ts';
import type { TimeReader } from '../../routes/portal/present/reader.ts';
import { ago, lasting } from '../../routes/portal/present/time.ts';
import type { Block, Cell, PostButton, Problem, Sheet } from '../../routes/portal/sheet.ts';
import type { PortalSay } from '../../routes/portal/texts/en.ts';
import { linePath } from '../databases/page.ts';

const minuteMs = 60_000;
/** Most rows of a table of what is kept. */
export const mostListed = 200;

/** What the page shows besides the agents' reports. */
export interface View {
  readonly say: PortalSay;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What was just done, and where. */
  readonly done: string;
  readonly master: string;
  readonly problem?: Problem;
}

/** Bytes for people. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function age(ms: number): string {
  if (ms === 0) return '–';
  return ms < minuteMs ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / minuteMs)} min`;
}

function stateCell({ report, why }: Seen, say: PortalSay): Cell {
  if (report === null) return { text: say('files.state.away'), tone: 'bad', meta: why };
  if (report.isolated) return { text: say('files.state.isolated'), tone: 'bad' };
  if (!report.connected) return { text: say('files.state.cut'), tone: 'bad' };
  if (Object.keys(report.held).length > 0) return { text: say('files.state.holds'), tone: 'bad' };
  const { count, failed, off } = report.mailboxes;
  const stays = off ? count : failed;
  if (stays > 0) return { text: say('files.state.mail', { count: String(stays) }), tone: 'bad' };
  if (report.scanning > 0) return { text: say('files.state.scanning'), tone: 'busy' };
  return report.backlog > 0
    ? { text: say('files.state.sending'), tone: 'busy' }
    : { text: say('files.state.step'), tone: 'good' };
}

function agentRow(one: Seen, say: PortalSay): readonly Cell[] {
  const { report } = one;
  const known = (text: string | undefined): Cell => ({ text: text ?? '–', number: true });
  return [
    { text: one.name },
    stateCell(one, say),
    known(report === null ? undefined : String(report.files)),
    known(report === null ? undefined : String(report.backlog)),
    known(report === null ? undefined : age(report.oldestMs)),
    known(report === null || one.sentPerSecond === null ? undefined : `${size(one.sentPerSecond)}/s`),
    known(report?.roundTripMs == null ? undefined : `${Math.round(report.roundTripMs)} ms`),
    known(report?.skewMs == null ? undefined : `${Math.round(report.skewMs)} ms`),
  ];
}

function charts(state: FilesState, say: PortalSay): readonly Block[] {
  const span = lasting(state.at - (state.history[0]?.at ?? state.at), say);
  return state.masters.map((one, at): Block => {
    const values = state.history.map((row) => row.oldestMs[at] ?? null);
    const known = values.filter((value) => value !== null);
    const top = Math.max(1000, ...known);
    const most = known.length === 0 ? say('files.not-known') : age(Math.max(...known));
    const caption = say('files.chart', { master: one.name, span, most, top: age(top) });
    return { kind: 'chart', path: linePath(values, top), label: caption, caption };
  });
}

/** A button that asks an agent for a deed. */
export function post(deed: string, label: string, master: string, what: string, danger = false): PostButton {
  return { label, action: `/filesync/${deed}`, hidden: { master, what }, ...(danger ? { danger } : {}) };
}

function stopRows(state: FilesState, say: PortalSay): readonly (readonly Cell[])[] {
  return state.masters.flatMap(({ id, name, report }) => [
    ...Object.entries(report?.held ?? {}).map(([unit, why]): readonly Cell[] => [
      { text: shown(unit), machine: true },
      { text: name },
      { text: say('files.held'), tone: 'bad', meta: why },
      {
        buttons: [
          post('put-back', say('files.put-back'), id, unit),
          post('release', say('files.release'), id, unit, true),
        ],
      },
    ]),
    ...Object.entries(report?.paused ?? {}).map(([unit, why]): readonly Cell[] => [
      { text: shown(unit), machine: true },
      { text: name },
      { text: say('files.paused'), tone: 'wait', meta: why },
      { buttons: [post('resume', say('files.resume'), id, unit)] },
    ]),
    ...Object.entries(report?.working ?? {}).map(([unit, ids]): readonly Cell[] => [
      { text: shown(unit), machine: true },
      { text: name },
      { text: say('files.working'), tone: 'busy' },
      { text: say('files.operation'), href: `/operations/${encodeURIComponent(ids[0] ?? '')}` },
    ]),
  ]);
}

/** 'conflicts/2026-11-28T10-00-00-x/home/bob/a' in its parts; the time in ISO form. */
export function partsOf(kept: string): { readonly at: string; readonly key: string } {
  const [, stamp = '', ...rest] = kept.split('/');
  const found = /^(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})/.exec(stamp);
  const at = found === null ? '' : `${found[1]}T${found[2]}:${found[3]}:${found[4]}Z`;
  return { at, key: rest.join('/') };
}

/** Something kept on a master, in a table. */
export function keptRow({ id, name }: Pick<Watched, 'id' | 'name'>, kept: string, reader: TimeReader): readonly Cell[] {
  const { at, key } = partsOf(kept);
  const href = `/filesync/kept?master=${id}&kept=${encodeURIComponent(kept)}`;
  return [
    { text: shown(key), machine: true, href },
    { text: name },
    at === '' ? { text: '–' } : { time: ago(at, reader) },
    { buttons: [post('restore', reader.say('files.restore'), id, kept)] },
  ];
}

function conflictRows(state: FilesState, reader: TimeReader): readonly (readonly Cell[])[] {
  return state.masters
    .flatMap((one) => (one.report?.kept ?? []).map((kept) => ({ one, kept })))
    .sort((a, b) => (partsOf(a.kept).at < partsOf(b.kept).at ? 1 : -1))
    .slice(0, mostListed)
    .map(({ one, kept }) => keptRow(one, kept, reader));
}

const deeds = ['release', 'put-back', 'pause', 'resume', 'restore', 'isolate', 'join'] as const;

function noticeOf(state: FilesState, { done, master, say }: View): string | undefined {
  const deed = deeds.find((one) => one === done);
  const name = state.masters.find(({ id }) => id === master)?.name;
  return deed === undefined || name === undefined
    ? undefined
    : say('files.done', { master: name, what: say(`files.done.${deed}`) });
}

function pauseForm(state: FilesState, view: View): Block {
  const { say } = view;
  const fields = fieldsFor(view, [
    { name: 'what', label: say('files.account'), help: say('files.pause.help'), input: 'text', required: true },
    {
      name: 'master',
      label: say('files.on'),
      input: 'text',
      required: true,
      options: state.masters.map(({ id }) => id),
    },
  ]);
  return {
    kind: 'form',
    action: '/filesync/pause',
    fields,
    button: say('files.pause.button'),
    fold: say('files.pause'),
  };
}

function cutButtons(state: FilesState, say: PortalSay): Block {
  const posts = state.masters.flatMap(({ id, name, report }) =>
    report === null
      ? []
      : [
          report.isolated
            ? post('join', say('files.join', { master: name }), id, '')
            : post('isolate', say('files.isolate', { master: name }), id, '', true),
        ],
  );
  return { kind: 'buttons', links: [], posts };
}

/** All agents at a glance, and what waits for a person. */
export function overview(state: FilesState | undefined, view: View): Sheet {
  const { say } = view;
  const heading = say('files.title');
  if (state === undefined) {
    const text = say('files.not-asked');
    return { heading, blocks: [{ kind: 'text', tone: 'note', text }] };
  }
  const seen = ago(new Date(state.at).toISOString(), view).text;
  const isOld = view.now - state.at > minuteMs;
  const notice = noticeOf(state, view);
  return {
    heading,
    more: [{ label: say('files.trash'), href: '/filesync/trash' }],
    ...(notice === undefined ? {} : { notice }),
    ...(view.problem === undefined ? {} : { problem: view.problem }),
    blocks: [
      isOld
        ? { kind: 'text', tone: 'danger', text: say('files.asked.old', { age: seen }) }
        : { kind: 'text', tone: 'meta', text: say('files.asked', { age: seen }) },
      {
        kind: 'table',
        columns: [
          say('files.master'),
          say('files.state'),
          say('files.count'),
          say('files.waiting'),
          say('files.oldest'),
          say('files.sends'),
          say('files.round-trip'),
          say('files.clock'),
        ],
        rows: state.masters.map((one) => agentRow(one, say)),
        empty: say('files.no-agent'),
      },
      ...charts(state, say),
      { kind: 'heading', text: say('files.stopped'), id: 'stopped' },
      {
        kind: 'table',
        columns: [say('files.account'), say('files.on'), say('files.why'), ''],
        rows: stopRows(state, say),
        empty: say('files.none'),
        small: true,
      },
      pauseForm(state, view),
      { kind: 'heading', text: say('files.conflicts'), id: 'conflicts' },
      {
        kind: 'text',
        tone: 'meta',
        text: say('files.conflicts.why'),
      },
      {
        kind: 'table',
        columns: [say('files.file'), say('files.kept-on'), say('files.when'), ''],
        rows: conflictRows(state, view),
        empty: say('files.conflicts.none'),
        small: true,
      },
      { kind: 'heading', text: say('files.broken-into') },
      {
        kind: 'text',
        tone: 'meta',
        text: say('files.broken-into.why'),
      },
      cutButtons(state, say),
    ],
  };
}
