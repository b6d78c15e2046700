import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Mailbox, Mailboxes, mailUser } from '../../../src/filesync/mailboxes.ts';
import type { OpenSite } from '../../../src/filesync/open-site.ts';
import { Tree } from '../../../src/filesync/tree.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';

let dir: TempDir;
let boxes: Mailboxes;
let told: string[];
let tree: Tree;

const inbox = (folder: string) => join(dir.path, folder, 'mailboxes/INBOX/dbox-Mails');
const write = (folder: string, n: number) => writeFileSync(join(inbox(folder), 'dovecot.index.log'), `${n}`);

beforeEach(() => {
  dir = tempDir('mailboxes');
  for (const one of ['bob/mail', 'bob/mail/bob.example/info']) mkdirSync(inbox(one), { recursive: true });
  // A Maildir, and what only looks like a mailbox.
  mkdirSync(join(dir.path, 'eve/mail/eve.example/shop/cur'), { recursive: true });
  symlinkSync(join(dir.path, 'bob/mail'), join(dir.path, 'eve/mail/bob.example'));
  told = [];
  tree = new Tree('home', dir.path);
  // Only what it looks at.
  const site = { homes: ['home'], trees: new Map([['home', { tree }]]), mailFolders: ['mail'], now: Date.now };
  boxes = new Mailboxes(site as unknown as OpenSite, ({ user }: Mailbox) => void told.push(user));
  boxes.look();
});
afterEach(() => {
  boxes.close();
  tree.close();
  dir.remove();
});

async function tells(user: string, work: () => void): Promise<void> {
  told.length = 0;
  work();
  await vi.waitFor(() => expect(told).toContain(user), { timeout: 5000, interval: 10 });
}

describe('mailboxes that are no Maildirs', () => {
  it('are found as cPanel lays them out, and told of once', () => {
    expect(boxes.all.map(({ user, unit }) => [user, unit]).sort()).toEqual([
      ['bob', 'home/bob'],
      ['info@bob.example', 'home/bob'],
    ]);
    expect([...told].sort()).toEqual(['bob', 'info@bob.example']);
    told.length = 0;
    boxes.look();
    expect(told).toEqual([]);
  });

  it('are told of when something is written, also in a folder that was made meanwhile', async () => {
    await tells('bob', () => write('bob/mail', 1));
    const made = join(dir.path, 'bob/mail/mailboxes/Work');
    await tells('bob', () => mkdirSync(made));
    await tells('bob', () => writeFileSync(join(made, 'dovecot.index.log'), '1'));
    expect(told).not.toContain('info@bob.example');
  });

  it('are watched on when they were made anew under the same name', async () => {
    await tells('bob', () => {
      rmSync(join(dir.path, 'bob/mail/mailboxes'), { recursive: true });
      mkdirSync(inbox('bob/mail'), { recursive: true });
    });
    boxes.look();
    await tells('bob', () => write('bob/mail', 2));
  });

  it('are forgotten when they are gone', () => {
    rmSync(join(dir.path, 'bob'), { recursive: true });
    boxes.look();
    expect(boxes.all).toEqual([]);
  });

  it.each(['-x', 'a b', 'a;b', '../a', 'a\nb', 'a@', '', 'a@-b'])('no program is asked about %j', (user) =>
    expect(mailUser.test(user)).toBe(false),
  );
});
