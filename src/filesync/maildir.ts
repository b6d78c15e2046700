/**
 * Where a Maildir message lies (new or cur, and its flags in the name) is part of its state, not of its identity: the
 * key of a message is its name before ':2,' below cur, wherever it lies. So it cannot be there twice, and a flag is no
 * rename.
 */

/** A path's key, and its place when it is a message. */
export interface Placed {
  readonly key: string;
  readonly place?: string;
}

const message = /^(.*\/)(new|cur)\/([^/.:][^/:]*)(:2,[^/]*)?$/;

/** Whether the directory 'tree/…/cur' or '…/new' holds messages: below one of the mail folders of an account. */
export function isMail(path: string, mailFolders: readonly string[]): boolean {
  // tree/account/mail/…
  const from = path.indexOf('/', path.indexOf('/') + 1) + 1;
  return (
    from > 0 &&
    mailFolders.some((folder) => path.startsWith(folder, from) && (path[from + folder.length] ?? '/') === '/')
  );
}

/** The key of a path 'tree/…' as it lies on disk. */
export function keyOf(path: string, mailFolders: readonly string[]): Placed {
  const found = isMail(path, mailFolders) ? message.exec(path) : null;
  if (found === null) return { key: path };
  const [, box = '', where = '', name = '', info = ''] = found;
  if (where === 'new' && info !== '') return { key: path };
  return { key: `${box}cur/${name}`, place: `${where}${info}` };
}

/** Where a key lies on disk; `place` as in its state. */
export function pathOf(key: string, place: string | undefined): string {
  if (place === undefined) return key;
  const slash = key.lastIndexOf('/');
  const name = key.slice(slash + 1);
  const box = key.slice(0, key.lastIndexOf('/', slash - 1));
  const where = place.startsWith('new') ? 'new' : 'cur';
  return `${box}/${where}/${name}${place.slice(where.length)}`;
}

/** A place that the other side may name: nothing else would be safe to build a path from. */
export function isPlace(text: string): boolean {
  return text === 'new' || /^cur(:2,[A-Za-z]{0,60})?$/.test(text);
}

/**
 * Files that describe one server's view of a mailbox (which UID a message has, what its keyword letters mean). Only the
 * account's active master's are right; two servers' cannot be merged by time.
 */
export function followsActive(path: string): boolean {
  return /\/(dovecot-uidlist|dovecot-keywords|dovecot-uidvalidity[^/]*|subscriptions|courierimapsubscribed)$/.test(
    path,
  );
}
