import { resolveConflicts } from '../../dbsync/conflicts/resolve.ts';
import { alone } from '../../dbsync/mariadb/alone.ts';
import { start } from '../../dbsync/mariadb/apply-link.ts';
import type { Server } from '../../dbsync/mariadb/connect.ts';
import { differingUsers, userSentence } from '../../dbsync/mariadb/users.ts';
import { glance, note, setFence } from '../../dbsync/mariadb/watch.ts';
import { caughtUp } from '../../dbsync/repair/caught-up.ts';
import { attachAccount, detachAccount } from '../../dbsync/repair/detach.ts';
import { Invalid } from '../../errors.ts';
import { commandWords } from './command-words.ts';
import { resolveDepsOf } from './conflict-commands.ts';
import type { Answer, DbCommand, Desk } from './model.ts';

const accountName = /^[a-z][a-z0-9]{0,31}$/;

function accountOf(desk: Desk): string {
  const [account = '', ...more] = desk.words;
  if (!accountName.test(account) || more.length > 0) throw new Invalid('Name one account.');
  return account;
}

function masterOf(desk: Desk): Server {
  const [typed = ''] = desk.words;
  const found = desk.servers.find((one) => one.side.id === typed.toLowerCase());
  if (found === undefined)
    throw new Invalid('The master is missing or wrong.', [], {
      hint: `Name ${desk.servers.map((one) => one.side.id).join(' or ')}.`,
    });
  return found;
}

function depsOf(desk: Desk) {
  return { servers: desk.servers, folder: desk.folder, clock: desk.clock, tell: (line: string) => desk.tell(line) };
}

async function detach(desk: Desk): Promise<Answer> {
  const account = accountOf(desk);
  const { databases } = desk.flags;
  const more = typeof databases === 'string' ? databases.split(',').filter((one) => one !== '') : [];
  const backups = await alone(desk.servers, () => detachAccount(depsOf(desk), account, more));
  return {
    json: { account, detached: true, backups },
    text: `The databases of ${account} are cut off: neither master carries them to the other.\n${backups.map((one) => `Backup: ${one}\n`).join('')}`,
    exit: 0,
  };
}

async function attach(desk: Desk): Promise<Answer> {
  const account = accountOf(desk);
  await alone(desk.servers, () => attachAccount(depsOf(desk), account));
  return { json: { account, detached: false }, text: `The databases of ${account} are carried again.\n`, exit: 0 };
}

async function pause(desk: Desk): Promise<Answer> {
  const server = masterOf(desk);
  await note(server, 'hold', JSON.stringify({ reason: 'paused by hand' }));
  await server.rows('STOP SLAVE');
  return {
    json: { master: server.side.id, paused: true },
    text: `${server.side.name} applies nothing until tandem db resume.\n`,
    exit: 0,
  };
}

async function resume(desk: Desk): Promise<Answer> {
  const server = masterOf(desk);
  await note(server, 'hold', undefined);
  const seen = await Promise.all(desk.servers.map((one) => glance(one)));
  // What both wrote meanwhile is looked at first; not while the other master is still paused.
  const decides = desk.config.databases.decideConflicts;
  if (decides && seen.every((one) => one.held !== 'paused')) await resolveConflicts(await resolveDepsOf(desk));
  else await start(desk, server);
  return { json: { master: server.side.id, paused: false }, text: `${server.side.name} receives again.\n`, exit: 0 };
}

/** Read-only first, then whatever it had written is waited for: the other then has everything. */
async function fence(desk: Desk): Promise<Answer> {
  const server = masterOf(desk);
  await setFence(server, true);
  const other = desk.flags['wait'] === true;
  if (other) await caughtUp(desk.servers);
  return {
    json: { master: server.side.id, fenced: true, caughtUp: other },
    text: `${server.side.name} is read-only for customers${other ? ', and the other master has all that it wrote' : ''}.\n`,
    exit: 0,
  };
}

/** Writes are let in again only when this master has all that the other wrote meanwhile. */
async function unfence(desk: Desk): Promise<Answer> {
  const server = masterOf(desk);
  if (desk.flags['now'] !== true) await caughtUp(desk.servers);
  await setFence(server, false);
  return {
    json: { master: server.side.id, fenced: false },
    text: `${server.side.name} takes writes again.\n`,
    exit: 0,
  };
}

async function users(desk: Desk): Promise<Answer> {
  const found = await differingUsers(desk.servers);
  const name = (id: string): string => desk.servers.find((one) => one.side.id === id)?.side.name ?? id;
  const text =
    found.length === 0
      ? 'Database users and their grants are the same on both masters.\n'
      : `${found.map((one) => userSentence(one, name)).join('\n')}\n`;
  return { json: { differences: found }, text, exit: found.length === 0 ? 0 : 4 };
}

/** Commands on one account or one master. */
export const accountCommands: Readonly<Record<string, DbCommand>> = {
  users: { usage: 'users', about: 'Users and grants that are not the same on both masters', flags: {}, run: users },
  detach: { ...commandWords.detach, run: detach },
  attach: { ...commandWords.attach, run: attach },
  pause: { ...commandWords.pause, run: pause },
  resume: { ...commandWords.resume, run: resume },
  fence: { ...commandWords.fence, run: fence },
  unfence: { ...commandWords.unfence, run: unfence },
};
