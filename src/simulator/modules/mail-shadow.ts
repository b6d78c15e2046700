/**
 * ~/etc/DOMAIN/shadow: the file of the account itself where cPanel keeps the mailboxes' password hashes, read through
 * Fileman. Of all files it is the only one that is modelled.
 */
import { createHash } from 'node:crypto';
import { verify } from 'unixcrypt';
import type { AccountContext, AccountHandler, Entry, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { mailboxes } from './mail-store.ts';

/** What stands in the file for a password: a stand-in for crypt(3), equal for equal passwords. A hash stays as it is. */
export function hashed(password: string): string {
  if (/^\$[0-9a-z]+\$/u.test(password)) return password;
  const digest = createHash('sha512').update(password).digest('base64').replaceAll('+', '.').replaceAll('=', '');
  return `$6$simulated$${digest}`;
}

/** Whether a password is the one that is kept, as itself or as a hash. */
export function isPassword(kept: string, given: string): boolean {
  return /^\$[56]\$(?!simulated\$)/u.test(kept) ? fits(given, kept) : hashed(kept) === hashed(given);
}

/** A line that crypt(3) cannot read lets nobody in. */
function fits(given: string, kept: string): boolean {
  try {
    return verify(given, kept);
  } catch {
    return false;
  }
}

function shadowOf(context: AccountContext, domain: string): string | undefined {
  const rows = context.state
    .of(mailboxes)
    .by(context.user)
    .filter((box) => box.domain === domain);
  if (rows.length === 0) return undefined;
  return rows.map((box) => `${box.local}:${hashed(box.password)}:19000::::::\n`).join('');
}

export function getFileContent(context: AccountContext): Result {
  const { account, params } = context;
  const given = params.require('dir').replace(/\/+$/u, '');
  const file = params.require('file');
  const dir = given.startsWith('/') ? given : `${account.homedir}/${given}`;
  const domain = new RegExp(`^${account.homedir}/etc/([a-z0-9.-]+)$`, 'u').exec(dir)?.[1];
  const content = domain === undefined || file !== 'shadow' ? undefined : shadowOf(context, domain);
  if (content === undefined) return no(`The file “${dir}/${file}” does not exist for the account.`);
  return ok({
    content,
    dir,
    filename: file,
    from_char: 'UTF-8',
    from_charset: null,
    path: `${dir}/${file}`,
    to_char: 'UTF-8',
    to_charset: null,
  });
}

export const shadowUapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Fileman::get_file_content': {
    run: getFileContent,
    params: ['dir', 'file', 'from_charset', 'to_charset', 'update_html_document_encoding'],
  },
};
