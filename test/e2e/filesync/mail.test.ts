import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ImapSession, type MailServer, startDovecot } from '../../support/dovecot.ts';
import { type FilePair, filePair, noFileSync } from '../../support/filesync.ts';
import { missing, tempDir } from '../../support/processes.ts';

const lacking = noFileSync() ?? missing('dovecot');
const waiting = { timeout: 30_000, interval: 100 };
const owners = [4001, 4002] as const;
let pair: FilePair;
let servers: readonly [MailServer, MailServer];

/** A mailbox as its client caches it: what it is, and each UID with subject and flags. */
async function cacheOf(session: ImapSession, box = 'INBOX') {
  const selected = (await session.say(`SELECT ${box}`)).join('\n');
  const validity = /UIDVALIDITY (\d+)/.exec(selected)?.[1];
  const all = (await session.say('UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).join('\n');
  const messages = [...all.matchAll(/UID (\d+) FLAGS \(([^)]*)\).*\n(?:Subject: (\S+))?/g)].map(
    ([, uid, flags = '', subject]) => {
      const kept = flags.split(' ').filter((flag) => flag !== '' && flag !== '\\Recent');
      return `${uid} ${subject} ${kept.sort().join(' ')}`;
    },
  );
  return { validity, messages };
}

async function seenFrom(side: 0 | 1, box?: string) {
  const session = await servers[side].imap('bob');
  try {
    return await cacheOf(session, box);
  } finally {
    session.close();
  }
}

/** Which side's lists of UIDs are right from now on. */
async function activate(side: 1 | 2): Promise<void> {
  await pair.quiet();
  for (const at of [1, 2] as const) await pair.ask(at, 'active', '*', String(side));
  await pair.quiet();
}

const subjects = (all: readonly string[]): readonly string[] => all.map((one) => one.split(' ')[1] ?? '').sort();

// Short paths: Dovecot's sockets lie in them.
const runDirs = [tempDir('dv1'), tempDir('dv2')] as const;

describe.skipIf(lacking !== undefined)('mail of a real server on both sides, owners with other numbers', () => {
  beforeAll(async () => {
    const table = (id: number) => ({ owners: { users: { bob: id }, groups: { bob: id } } });
    pair = await filePair({ roundTripMs: 20, loose: false, both: table(owners[0]), second: table(owners[1]) });
    for (const side of [0, 1] as const) {
      mkdirSync(join(pair.home[side], 'bob'));
      execFileSync('chown', [`${owners[side]}:${owners[side]}`, join(pair.home[side], 'bob')]);
    }
    // The servers' users must reach the homes.
    execFileSync('chmod', [
      '755',
      ...runDirs.map(({ path }) => path),
      pair.dir,
      join(pair.dir, 'm1'),
      join(pair.dir, 'm2'),
    ]);
    await pair.start(2);
    await pair.start(1);
    await activate(1);
    servers = [
      await startDovecot(runDirs[0].path, pair.home[0], owners[0]),
      await startDovecot(runDirs[1].path, pair.home[1], owners[1]),
    ];
  });
  afterAll(async () => {
    for (const one of servers ?? []) await one.close();
    await pair?.close();
    for (const one of runDirs) one.remove();
  });

  it('a client that cached a mailbox fetches nothing twice after a switch and the way back', async () => {
    for (let n = 1; n <= 6; n++) await servers[0].deliver('bob', `first${n}`);
    const session = await servers[0].imap('bob');
    await session.say('CREATE Work');
    await session.say('SUBSCRIBE Work');
    await session.say('SELECT INBOX');
    await session.say('STORE 1 +FLAGS (\\Seen)');
    await session.say('STORE 2 +FLAGS (\\Flagged \\Seen)');
    await session.say('STORE 3 +FLAGS (Project)');
    await session.say('COPY 5 Work');
    await session.say('STORE 4 +FLAGS (\\Deleted)');
    await session.say('EXPUNGE');
    const before = await cacheOf(session);
    const work = await cacheOf(session, 'Work');
    session.close();
    expect(before.messages.length).toBe(5);
    await activate(2);
    expect(await seenFrom(1)).toEqual(before);
    expect(await seenFrom(1, 'Work')).toEqual(work);
    const there = await servers[1].imap('bob');
    expect((await there.say('LSUB "" "*"')).join()).toContain('Work');
    await servers[1].deliver('bob', 'second1');
    await there.say('SELECT INBOX');
    await there.say('UID STORE 1 -FLAGS (\\Seen)');
    const changed = await cacheOf(there);
    there.close();
    expect(changed.messages.length).toBe(6);
    await activate(1);
    expect(await seenFrom(0)).toEqual(changed);
  });

  it('mail that comes and is read on both sides at once is there once, with all flags', async () => {
    await pair.quiet();
    const had = subjects((await seenFrom(0)).messages);
    const all: string[] = [];
    for (let n = 0; n < 12; n++) {
      for (const side of [0, 1] as const) {
        const subject = `both${side}x${n}`;
        all.push(subject);
        await servers[side].deliver('bob', subject);
      }
      if (n % 4 === 3) {
        // A client on each side reads what is new there and removes one message.
        for (const side of [0, 1] as const) {
          const session = await servers[side].imap('bob');
          await session.say('SELECT INBOX');
          await session.say('STORE 1:* +FLAGS (\\Seen)');
          session.close();
        }
      }
    }
    const wanted = [...had, ...all].sort();
    await vi.waitFor(async () => {
      await pair.quiet();
      expect([subjects((await seenFrom(0)).messages), subjects((await seenFrom(1)).messages)]).toEqual([
        wanted,
        wanted,
      ]);
    }, waiting);
    const files = ([0, 1] as const).map((side) => {
      const box = join(pair.home[side], 'bob/mail');
      return [...readdirSync(`${box}/cur`), ...readdirSync(`${box}/new`)].sort();
    });
    expect(files[0]).toEqual(files[1]);
    expect(files[0]?.length).toBe(wanted.length);
  });

  it('what was expunged stays so, and every message belongs to its owner there', async () => {
    const session = await servers[1].imap('bob');
    await session.say('SELECT INBOX');
    await session.say('STORE 1:5 +FLAGS (\\Deleted)');
    await session.say('EXPUNGE');
    const left = (await cacheOf(session)).messages;
    session.close();
    await vi.waitFor(async () => {
      await pair.quiet();
      expect(subjects((await seenFrom(0)).messages)).toEqual(subjects(left));
    }, waiting);
    for (const side of [0, 1] as const) {
      const folder = join(pair.home[side], 'bob/mail/cur');
      const ids = new Set(readdirSync(folder).map((name) => statSync(join(folder, name)).uid));
      expect([...ids]).toEqual([owners[side]]);
    }
  });
});
