/** The password hash of a mailbox: cPanel keeps it in the account's own file ~/etc/DOMAIN/shadow. */
import { z } from 'zod';
import type { BatchAnswer } from '../../whm/batch.ts';
import { uapi, type WhmCall } from '../../whm/call.ts';

const file = z.object({ content: z.string() });

/** Reads the file that holds the hash. The answer is a secret: it goes from master to master and is never stored open. */
export function hashCall(account: string, address: string): WhmCall {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return uapi(account, 'Fileman::get_file_content', { dir: `etc/${domain}`, file: 'shadow' });
}

/** crypt(3)'s text of the mailbox in a shadow file's `name:hash:…` lines; undefined: not there, locked, or not readable. */
export function hashOf(answer: BatchAnswer | undefined, address: string): string | undefined {
  const parsed = answer?.ok === true ? file.safeParse(answer.data) : undefined;
  if (parsed?.success !== true) return undefined;
  const local = address.slice(0, address.lastIndexOf('@'));
  const line = parsed.data.content.split('\n').find((one) => one.startsWith(`${local}:`));
  const hash = line?.split(':')[1] ?? '';
  return /^\$[0-9a-z]+\$[\x21-\x7e]+$/.test(hash) ? hash : undefined;
}
