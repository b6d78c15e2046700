import { describe, expect, it } from 'vitest';
import { listBytes, listText } from '../../../src/filesync/attributes.ts';
import { checkLine, filesyncGate } from '../../../src/filesync/check.ts';
import { eventOf, recordReader } from '../../../src/filesync/events.ts';
import { cpanelExcludes, excludeSource, ownedByActions } from '../../../src/filesync/exclude.ts';
import { followsActive, isPlace, keyOf, pathOf } from '../../../src/filesync/maildir.ts';
import { isSound } from '../../../src/filesync/receive.ts';
import { brakeVerdict, counted, emptyTally } from '../../../src/filesync/safety.ts';
import type { Status } from '../../../src/filesync/status.ts';
import { encode, FrameReader } from '../../../src/filesync/wire.ts';

describe('a Maildir message', () => {
  const mail = ['mail'];
  it.each([
    ['home/bob/mail/new/17.M1.m1', 'home/bob/mail/cur/17.M1.m1', 'new'],
    ['home/bob/mail/x.org/ann/cur/17.M1.m1,S=5:2,FS', 'home/bob/mail/x.org/ann/cur/17.M1.m1,S=5', 'cur:2,FS'],
    ['home/bob/mail/.Sent/cur/17.M1', 'home/bob/mail/.Sent/cur/17.M1', 'cur'],
  ])('%s has one key wherever it lies', (path, key, place) => {
    expect(keyOf(path, mail)).toEqual({ key, place });
    expect(pathOf(key, place)).toBe(path);
  });

  it.each(['home/bob/mail/dovecot-uidlist', 'home/bob/www/cur/17.M1:2,S', 'home/bob/mail/cur/.hidden'])(
    '%s is none',
    (path) => {
      expect(keyOf(path, mail)).toEqual({ key: path });
    },
  );

  it.each(['cur/../x', 'new:2,S', 'cur:2,S/..', 'tmp', ''])('“%s” is no place', (text) =>
    expect(isPlace(text)).toBe(false),
  );

  it('descriptions of a mailbox follow the active master', () => {
    expect(followsActive('home/bob/mail/x/dovecot-uidlist')).toBe(true);
    expect(followsActive('home/bob/mail/x/cur/dovecot')).toBe(false);
  });
});

describe('what does not travel', () => {
  const pattern = new RegExp(excludeSource([...cpanelExcludes, ...ownedByActions]), 's');
  it.each([
    ...[
      'bob/tmp',
      'bob/tmp/x',
      'virtfs/bob',
      'bob/www/wp-content/cache/a',
      'bob/mail/x/ann/dovecot.index.log',
      'bob/core.123',
    ],
    ...[
      'bob/mail/x/ann/tmp/1',
      'bob/etc/x.org/shadow',
      'bob/ssl/keys/a',
      'bob/www/deep/er/error_log',
      '.tandem-filesync/tmp',
    ],
  ])('%s', (path) => expect(pattern.test(path)).toBe(true));
  it.each([
    'bob/www/tmp/x',
    'bob/mail/x/ann/dovecot-uidlist',
    'bob/public_html/core.php',
    'bob/etc/x.org/aliases',
    'bob/.htpasswds/a',
    'bob/www/\n.lockx',
  ])('%s does', (path) => expect(pattern.test(path)).toBe(false));
  it('an empty list leaves nothing out', () => expect(new RegExp(excludeSource([])).test('a')).toBe(false));
});

describe('the brake', () => {
  const changed = (changes: number, atMs: number) => counted(emptyTally, atMs, changes);
  it.each([
    ['a small home emptied', 300, 250, true],
    ['half of a small home', 300, 150, false],
    ['a tiny home emptied', 20, 20, false],
    ['a theme of a large home', 2500, 1000, false],
    ['a large home emptied', 100_000, 26_000, true],
  ])('%s', (_what, files, changes, held) => {
    expect(brakeVerdict(changed(changes, 1_000_000), files, 1_000_000) !== undefined).toBe(held);
  });
  it('forgets', () => {
    expect(brakeVerdict(changed(250, 0), 300, 86_500_000)).toBeUndefined();
  });
});

describe('a key from the other side', () => {
  it.each([
    'home/../etc/passwd',
    'home//a',
    'home/./a',
    '/etc/passwd',
    'home/a/',
    `home/${'a'.repeat(256)}`,
    'home/a\0b',
  ])('%j is refused', (key) => expect(isSound(key)).toBe(false));
  it('an ordinary one is not', () => expect(isSound('home/bob/a b\n\u00ff')).toBe(true));
});

describe('frames', () => {
  const said = { is: 'offers', frame: 1, offers: [['home/bob/\u00ff', [1, 2], { kind: 'absent' }, false, 3]] } as const;
  it('come whole out of any pieces', () => {
    const bytes = Buffer.concat([
      encode({ is: 'ping', at: 1 }),
      encode(structuredClone(said) as never, [Buffer.from('abc')]),
    ]);
    const reader = new FrameReader();
    const frames = [...bytes].flatMap((_, n) => reader.push(bytes.subarray(n, n + 1)));
    expect(frames.map(({ message, body }) => [message.is, body.toString()])).toEqual([
      ['ping', ''],
      ['offers', 'abc'],
    ]);
    expect(frames[1]?.message).toEqual(said);
  });
  it('of offers carry keys and versions only where they differ from the ones before', () => {
    const offers = Array.from({ length: 1000 }, (_, n) => [
      `home/bob/many/m${n}`,
      [1_790_000_000_000_000 + n, 1_780_000_000_000_000 + n * 31],
      { kind: 'absent' },
      false,
      -1,
    ]);
    const bytes = encode({ is: 'offers', frame: 7, offers } as never);
    expect(bytes.length).toBeLessThan(4000);
    expect(new FrameReader().push(bytes)[0]?.message).toEqual({ is: 'offers', frame: 7, offers });
  });
  it.each([
    ['home/bob/a', 3, '\0'],
    ['ho', 2, ''],
    ['home/bob/a', 2000, ''],
  ])('a key put together from %j that no agent makes: refused', (first, shared, rest) => {
    const packed = [0, 1].map((n) =>
      n === 0 ? [0, first, 1, 1, { kind: 'absent' }, false, -1] : [shared, rest, 0, 0, { kind: 'absent' }, false, -1],
    );
    const header = Buffer.from(JSON.stringify({ is: 'offers', frame: 1, offers: packed }));
    const head = Buffer.alloc(9);
    head.writeUInt32BE(header.length, 0);
    expect(() => new FrameReader().push(Buffer.concat([head, header]))).toThrow();
  });
  it.each([
    ['too large', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0])],
    ['no JSON', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 0x7b])],
    ['a bomb', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 1, 0xff])],
  ])('%s: refused', (_what, bytes) => expect(() => new FrameReader().push(bytes)).toThrow());
  it('no character that is no byte', () => {
    const bad = encode({
      is: 'move',
      id: 1,
      from: 'home/€',
      to: 'home/b',
      count: 1,
      records: 1,
      digest: '0'.repeat(32),
    });
    expect(() => new FrameReader().push(bad)).toThrow();
  });
});

describe('records of the event helpers', () => {
  it('are cut at zero bytes and may hold any other', () => {
    const records: string[] = [];
    const read = recordReader((some) => records.push(...some));
    read(Buffer.from('c 0 /t/a\nb\0F 7 /t/', 'latin1'));
    read(Buffer.from([0xff, 0]));
    expect(records.map((one) => eventOf(one, '/t'))).toEqual([
      { kind: 'changed', cookie: 0, path: 'a\nb' },
      { kind: 'directory-from', cookie: 7, path: '\u00ff' },
    ]);
    expect(eventOf('c 0 /other/a', '/t')).toBeUndefined();
  });
});

describe('access lists', () => {
  const owners = {
    userName: (uid: number) => (uid === 5 ? 'bob' : '#'),
    groupName: () => 'staff',
    uidOf: (name: string) => (name === 'bob' ? 9 : undefined),
    gidOf: () => 8,
  };
  it('travel with names', () => {
    const value = Buffer.from('0200000001000600ffffffff0200040005000000', 'hex');
    const text = listText(value, owners);
    expect(text).toBe('1:6:,2:4:bob');
    expect(listBytes(text, owners).readUInt32LE(16)).toBe(9);
    expect(listBytes('2:4:nobody-here', owners).length).toBe(4);
  });
});

describe('reports', () => {
  const fine: Status = {
    ...{
      side: 1,
      connected: true,
      isolated: false,
      backlog: 0,
      oldestMs: 0,
      scanning: 0,
      unwatched: 0,
      large: 0,
      rsyncRuns: 0,
      files: 9,
      conflicts: 0,
    },
    ...{
      paused: {},
      held: {},
      off: [],
      working: {},
      roundTripMs: 10,
      skewMs: 0,
      sentBytes: 0,
      receivedBytes: 0,
      mailboxes: { count: 0, waiting: 0, failed: 0, off: false },
      sources: {},
      rsync: '3.5.0',
    },
  };
  it.each([
    ['all is well', {}, 0],
    ['the clocks differ', { skewMs: 2000 }, 1],
    ['an account is held', { held: { 'home/bob': 'why' } }, 2],
    ['not connected', { connected: false }, 2],
    ['a minute behind', { oldestMs: 60_000 }, 1],
    ['directories are not watched', { unwatched: 3 }, 1],
    ['mailboxes go nowhere', { mailboxes: { count: 2, waiting: 0, failed: 0, off: true } }, 1],
    ['a mailbox fails', { mailboxes: { count: 2, waiting: 1, failed: 1, off: false } }, 1],
    ['no mailbox needs doveadm', { mailboxes: { count: 0, waiting: 0, failed: 0, off: true } }, 0],
  ])('%s', (_what, change, exit) => expect(checkLine({ ...fine, ...change }).exit).toBe(exit));
  it.each([
    ['all is well', fine, 0],
    ['something waits', { ...fine, oldestMs: 7000 }, 7000],
    ['nobody answers', undefined, 'unknown'],
    ['mailboxes go nowhere', { ...fine, mailboxes: { count: 2, waiting: 0, failed: 0, off: true } }, 'unknown'],
    ['a scan runs', { ...fine, scanning: 1 }, 'unknown'],
    ['not connected', { ...fine, connected: false }, 'unknown'],
    ['cut off by hand', { ...fine, isolated: true }, 'unknown'],
    ['an account is held', { ...fine, held: { 'home/bob': 'why' } }, 'unknown'],
  ])('how far files are apart when %s', (_what, status, lagMs) => {
    expect(filesyncGate(status).lagMs).toBe(lagMs);
  });
  it('an open gate says that both have every file only when they have', () => {
    expect(filesyncGate(fine)).toMatchObject({ open: true, why: 'Both have every file.' });
    expect(filesyncGate({ ...fine, backlog: 1, oldestMs: 1600 })).toMatchObject({
      open: true,
      why: 'The last changes are on their way.',
    });
  });
  it('one conflict is told as one', () => {
    expect(checkLine({ ...fine, conflicts: 1 }).text).toContain('1 conflict to look at');
    expect(checkLine({ ...fine, conflicts: 2 }).text).toContain('2 conflicts to look at');
  });
});
