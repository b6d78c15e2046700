import type { Branch } from './site.ts';

/**
 * Dovecot's list of which message has which UID, beside the messages. Where the passive side's own list, which knows mail
 * that came there, is replaced by the active side's, Dovecot's caches there may still mean other messages by some UIDs.
 *
 *   3 V1795891742 N31 G8d6a…     version, UIDVALIDITY, next UID
 *   7 W612 :1795891742.M1P2.m1   UID, extensions, the message's name before its flags
 */
interface UidList {
  readonly validity: string;
  readonly names: ReadonlyMap<string, string>;
}

/** Reads a list of version 3; another is read as one that agrees with nothing. */
export function uidListOf(content: Buffer): UidList {
  const [head = '', ...rows] = content.toString('latin1').split('\n');
  const names = rows.flatMap((row): [string, string][] => {
    const found = /^(\d+) (?:[^:]* )?:([^:]+)/.exec(row);
    return found === null ? [] : [[found[1] ?? '', found[2] ?? '']];
  });
  return { validity: /^3(?: .*)? V(\d+)/.exec(head)?.[1] ?? '', names: new Map(names) };
}

/** Whether a UID means another message in the second list. */
export function disagree(before: Buffer, after: Buffer): boolean {
  const [was, is] = [uidListOf(before), uidListOf(after)];
  if (was.validity !== is.validity) return true;
  return [...was.names].some(([uid, name]) => (is.names.get(uid) ?? name) !== name);
}

/** Dovecot's caches in the folder of a list, relative to the tree; Dovecot makes them anew. */
export function cachesBeside(branch: Branch, list: string): readonly string[] {
  const folder = list.slice(0, list.lastIndexOf('/'));
  return branch.tree
    .names(folder)
    .filter((name) => /^dovecot\.index(\.|$)/.test(name))
    .map((name) => `${folder}/${name}`);
}
