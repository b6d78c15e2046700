/** `tandem db conflicts`, `resolve` and `writers`. */
import { join } from 'node:path';
import type { ResolveDeps } from '../../dbsync/conflicts/look.ts';
import { resolveConflicts } from '../../dbsync/conflicts/resolve.ts';
import { type ShownConflict, shownConflict } from '../../dbsync/conflicts/show.ts';
import { type Kept, markSeen, readConflicts } from '../../dbsync/conflicts/store.ts';
import { readWriters, setWriter, writerRule } from '../../dbsync/writers.ts';
import { Invalid } from '../../errors.ts';
import { askActive } from '../active-masters.ts';
import type { Answer, DbCommand, Desk } from './model.ts';

const mostShown = 100;

function line(one: ShownConflict, name: (id: string) => string): string {
  const at = new Date(one.at).toISOString();
  if (one.kind === '') return `${at} ${one.where}: could not be looked at: ${one.reason}`;
  const images = Object.entries(one.images).map(([id, image]) => `  ${name(id)}: ${image}`);
  return [`${at} ${one.where}: ${one.kind}, ${name(one.winner)} stays (${one.by})`, ...images].join('\n');
}

async function newest(desk: Desk): Promise<readonly Kept[]> {
  const [database] = desk.words;
  const [a, b] = await Promise.all(desk.servers.map((one) => readConflicts(one, mostShown, database)));
  // Both hold the same, but for what one missed while it was away.
  const all = new Map([...(b ?? []), ...(a ?? [])].map((one) => [`${one.run} ${one.n}`, one]));
  return [...all.values()].sort((one, other) => other.at - one.at);
}

async function conflicts(desk: Desk): Promise<Answer> {
  if (desk.flags['seen'] === true) {
    await markSeen(desk.servers);
    return { json: { seen: true }, text: 'What could not be looked at is noted as seen.\n', exit: 0 };
  }
  const name = (id: string): string => desk.servers.find((one) => one.side.id === id)?.side.name ?? id;
  const kept = await newest(desk);
  const lines = kept.map((one) => line(shownConflict(one), name));
  const text = lines.length === 0 ? 'No conflicts are known.' : lines.join('\n');
  return { json: { conflicts: kept }, text: `${text}\n`, exit: 0 };
}

/** What a look takes, with the rule of who writes as the watcher on this machine knows it now. */
export async function resolveDepsOf(desk: Desk): Promise<ResolveDeps> {
  const file = desk.flags['config'];
  const active = await askActive(typeof file === 'string' ? { file } : {});
  return {
    ...{ servers: desk.servers, clock: desk.clock, folder: join(desk.folder.path, 'logs'), crash: () => {} },
    writerOf: writerRule(await readWriters(desk.servers[0]), active),
  };
}

async function resolve(desk: Desk): Promise<Answer> {
  const { decisions, unjudged } = await resolveConflicts(await resolveDepsOf(desk));
  const left = unjudged.map((one) => `${one.database}.${one.table}: ${one.reason}\n`).join('');
  return {
    json: { decided: decisions.length, unjudged },
    text: `${decisions.length} rows that both masters had changed were decided; both apply again. See: tandem db conflicts\n${left}`,
    exit: unjudged.length === 0 ? 0 : 4,
  };
}

const accountName = /^[a-z][a-z0-9]{0,31}$/;

async function writers(desk: Desk): Promise<Answer> {
  const [account, writer, ...more] = desk.words;
  const ids = desk.servers.map((one) => one.side.id);
  if (account !== undefined && (!accountName.test(account) || more.length > 0)) throw new Invalid('Name one account.');
  if (writer !== undefined && !['active', 'both', ...ids].includes(writer))
    throw new Invalid('The writer is wrong.', [], { hint: `Say active, both, ${ids.join(' or ')}.` });
  if (account !== undefined && writer !== undefined) await setWriter(desk.servers, account, writer);
  const all = await readWriters(desk.servers[0]);
  const shown = account === undefined ? Object.entries(all) : [[account, all[account] ?? 'active'] as const];
  const lines = shown.map(([one, word]) => `${one}: ${word}\n`).join('');
  const rest = account === undefined ? 'Every other account writes on its active master.\n' : '';
  return { json: { writers: Object.fromEntries(shown) }, text: lines + rest, exit: 0 };
}

/** Commands about rows that both masters changed, and about who may. */
export const conflictCommands: Readonly<Record<string, DbCommand>> = {
  conflicts: {
    usage: 'conflicts [DATABASE] [--seen]',
    about: 'Rows that both masters changed during a cut, with both images; --seen ends warnings of what was left',
    flags: { seen: 'switch' },
    run: conflicts,
  },
  resolve: {
    usage: 'resolve',
    about: 'Look at both logs now, decide rows that both changed, and apply again; the watch does so by itself',
    flags: {},
    run: resolve,
  },
  writers: {
    usage: 'writers [ACCOUNT [active | both | MASTER]]',
    about: "Who writes an account's databases: its active master (as long as nothing is said), both, or one master",
    flags: {},
    run: writers,
  },
};
