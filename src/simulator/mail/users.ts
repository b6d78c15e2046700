/** The mailboxes in a simulator's state as Dovecot's users, and the folders that their mail lies in. */
import { chownSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome } from '../home.ts';
import { hashed, isPassword } from '../modules/mail-shadow.ts';
import { type Mailbox, mailboxes } from '../modules/mail-store.ts';
import type { StateCore } from '../state.ts';
import { type Account, accounts } from '../tables.ts';

/** Whether the password opens the mailbox. */
export function opens(box: Mailbox, password: string): boolean {
  return !box.suspendedLogin && isPassword(box.password, password);
}

/** The stand-in hash of mail-shadow.ts as a scheme that Dovecot knows. */
function schemeOf(box: Mailbox): string {
  const found = /^\$6\$simulated\$([\w./]+)$/.exec(hashed(box.password));
  // Any other hash is crypt's own, which Dovecot reads.
  if (found?.[1] === undefined) return `{CRYPT}${hashed(box.password)}`;
  const digest = found[1].replaceAll('.', '+');
  return `{SHA512.b64}${digest}${'='.repeat((4 - (digest.length % 4)) % 4)}`;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Makes a folder of the home that belongs to the account, and those above it. Links are left alone. */
function folder(home: string, parts: readonly string[], owner: Owner, mayGive: boolean): string {
  let at = home;
  for (const part of ['', ...parts]) {
    at = join(at, part);
    if (!existsSync(at)) mkdirSync(at, { recursive: true, mode: 0o755 });
    if (mayGive && part !== '' && lstatSync(at).isDirectory()) chownSync(at, owner.uid, owner.gid);
  }
  return at;
}

/**
 * A line of passwd-file for each mailbox, whose folder is made where it is missing. `files` is where paths of the
 * simulated server begin. Without root everything belongs to whoever runs the simulator.
 */
export function mailUsers(state: StateCore, files: string, self: Owner): readonly string[] {
  const isRoot = self.uid === 0;
  return [...state.of(mailboxes).entries()].flatMap(([email, box]) => {
    const account: Account | undefined = state.of(accounts).get(box.user);
    if (account === undefined) return [];
    const owner = isRoot ? { uid: account.uid, gid: account.uid } : self;
    makeHome(join(files, account.homedir));
    const home = folder(join(files, account.homedir), ['mail', box.domain, box.local], owner, isRoot);
    const locked = box.suspendedLogin ? '!' : '';
    return [`${email}:${locked}${schemeOf(box)}:${owner.uid}:${owner.gid}::${home}::`];
  });
}
