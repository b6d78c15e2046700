import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type MailServer, startDovecot } from '../../support/dovecot.ts';
import { type FilePair, filePair, noFileSync } from '../../support/filesync.ts';
import { missing, tempDir } from '../../support/processes.ts';

const lacking = noFileSync() ?? missing('dovecot');
const waiting = { timeout: 30_000, interval: 100 };
const owners = [4001, 4002] as const;
// Short paths: Dovecot's sockets lie in them.
const runDirs = [tempDir('db1'), tempDir('db2')] as const;
const info = 'info@bob.example';
let pair: FilePair;
let servers: readonly MailServer[];

/** UIDVALIDITY, and each UID with its subject and flags. */
async function seenFrom(side: 0 | 1, user: string): Promise<readonly string[]> {
  const session = await servers[side]?.imap(user);
  if (session === undefined) throw new Error('no server');
  try {
    const selected = (await session.say('SELECT INBOX')).join('\n');
    const all = (await session.say('UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).join('\n');
    const messages = [...all.matchAll(/UID (\d+) FLAGS \(([^)]*)\).*\n(?:Subject: (\S+))?/g)].map(
      ([, uid, flags = '', subject]) => `${uid} ${subject} ${flags.replace('\\Recent', '').trim()}`,
    );
    return [/UIDVALIDITY (\d+)/.exec(selected)?.[1] ?? '', ...messages];
  } finally {
    session.close();
  }
}

async function say(side: 0 | 1, user: string, ...commands: readonly string[]): Promise<void> {
  const session = await servers[side]?.imap(user);
  for (const command of ['SELECT INBOX', ...commands]) await session?.say(command);
  session?.close();
}

async function equal(user: string, wanted: number): Promise<readonly string[]> {
  return await vi.waitFor(async () => {
    const [first, second] = [await seenFrom(0, user), await seenFrom(1, user)];
    expect(second).toEqual(first);
    expect(first).toHaveLength(1 + wanted);
    return first;
  }, waiting);
}

const isPeace = (status: unknown) =>
  JSON.stringify(status).includes('"mailboxes":{"count":2,"waiting":0,"failed":0,"off":false}');

const doveadm = (side: 0 | 1) => ({ doveadm: ['/usr/bin/doveadm', '-c', join(runDirs[side].path, 'dovecot.conf')] });

describe.skipIf(lacking !== undefined)('mailboxes in Dovecot’s own format go by doveadm, both ways', () => {
  beforeAll(async () => {
    const table = (id: number) => ({ owners: { users: { bob: id }, groups: { bob: id } } });
    pair = await filePair({
      roundTripMs: 20,
      loose: false,
      both: { ...table(owners[0]), ...doveadm(0) },
      second: { ...table(owners[1]), ...doveadm(1) },
    });
    for (const side of [0, 1] as const) {
      mkdirSync(join(pair.home[side], 'bob'));
      execFileSync('chown', [`${owners[side]}:${owners[side]}`, join(pair.home[side], 'bob')]);
    }
    const folders = [pair.dir, join(pair.dir, 'm1'), join(pair.dir, 'm2'), ...runDirs.map(({ path }) => path)];
    execFileSync('chmod', ['755', ...folders]);
    await pair.start(2);
    await pair.start(1);
    servers = await Promise.all(
      ([0, 1] as const).map((side) =>
        startDovecot(runDirs[side].path, pair.home[side], owners[side], { [info]: 'bob' }),
      ),
    );
  });
  afterAll(async () => {
    for (const one of servers ?? []) await one.close();
    await pair?.close();
    for (const one of runDirs) one.remove();
  });

  it('what is delivered on either side is on both, with the same UIDs, and no file of it went by itself', async () => {
    for (const user of ['bob', info]) {
      await servers[0]?.deliver(user, 'first');
      await pair.ask(1, 'rescan');
      await equal(user, 1);
      await servers[1]?.deliver(user, 'second');
      await equal(user, 2);
    }
    const boxes = join(pair.home[1], 'bob/mail/bob.example/info');
    expect(readdirSync(boxes)).toEqual(expect.arrayContaining(['mailboxes', 'storage']));
    const { json } = await pair.ask(1, 'trash', 'storage');
    expect(json).toEqual([]);
  });

  it('flags and deletions go over, in both directions at once, and then there is peace', async () => {
    await servers[0]?.deliver('bob', 'third');
    const before = await equal('bob', 3);
    const uids = before.slice(1).map((line) => line.split(' ')[0]);
    await Promise.all([
      say(0, 'bob', `UID STORE ${uids[0]} +FLAGS (\\Seen)`),
      say(1, 'bob', `UID STORE ${uids[1]} +FLAGS (\\Deleted)`, 'EXPUNGE'),
    ]);
    await vi.waitFor(async () => {
      for (const side of [0, 1] as const) {
        const lines = (await seenFrom(side, 'bob')).slice(1);
        expect(lines).toEqual([`${uids[0]} first \\Seen`, `${uids[2]} third`.padEnd(`${uids[2]} third `.length)]);
      }
    }, waiting);
    let peaceful = 0;
    await vi.waitFor(async () => {
      const { json } = await pair.ask(1, 'status');
      peaceful = isPeace(json) ? peaceful + 1 : 0;
      expect(peaceful).toBe(10);
    }, waiting);
  });

  it('what was delivered on both sides while the line was cut is on both after it', async () => {
    pair.line.cut();
    for (const side of [0, 1] as const) await servers[side]?.deliver(info, `cut-${side}`);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    pair.line.mend();
    const lines = await equal(info, 4);
    expect(lines.map((line) => line.split(' ')[1]).sort()).toEqual(expect.arrayContaining(['cut-0', 'cut-1']));
  });

  it('a paused account waits, on whichever side it is paused, and is made good', async () => {
    await pair.ask(2, 'pause', 'home/bob');
    await servers[0]?.deliver(info, 'paused');
    await vi.waitFor(async () => {
      expect((await pair.ask(1, 'status')).json).toMatchObject({ mailboxes: { failed: 1 } });
    }, waiting);
    expect(await seenFrom(1, info)).toHaveLength(1 + 4);
    expect((await pair.ask(1, 'check')).text).toContain('doveadm failed for 1 mailboxes');
    await pair.ask(2, 'resume', 'home/bob');
    await equal(info, 5);
  });

  it('the peer’s key opens nothing else: no option, no other program, no name that is none', async () => {
    for (const user of ['-x', 'bob -o plugin/x=y', 'bob;id', '../bob', 'bob\nid']) {
      const { exit } = await pair.ask(2, 'mailbox', 'home/bob', user);
      expect([user, exit]).toEqual([user, 3]);
    }
    const said = await pair.ask(2, 'mailbox', 'home/bob', 'bob');
    expect(said.text.split('\n')).toEqual([...doveadm(1).doveadm, 'dsync-server', '-u', 'bob']);
  });
});
