import { CallFailed, type Native } from './native.ts';
import type { Owners } from './owners.ts';

/**
 * Extended attributes as text, one 'name=hexadecimal' a line, sorted. Only `user.*` and access lists travel: the other
 * name spaces give rights. An access list names its users and groups, as numbers differ between the masters.
 */

const lists = ['system.posix_acl_access', 'system.posix_acl_default'];
const userTag = 2;
const groupTag = 8;
const nobody = 0xffffffff;

function travels(name: string): boolean {
  return name.startsWith('user.') || lists.includes(name);
}

/** The kernel's access list (version 2: tag, rights, number) with names. */
export function listText(value: Buffer, owners: Owners): string {
  const entries: string[] = [];
  for (let at = 4; at + 8 <= value.length; at += 8) {
    const tag = value.readUInt16LE(at);
    const number = value.readUInt32LE(at + 4);
    const name = tag === userTag ? owners.userName(number) : tag === groupTag ? owners.groupName(number) : '';
    entries.push(`${tag}:${value.readUInt16LE(at + 2)}:${name}`);
  }
  return entries.join(',');
}

/** The other way; entries of names unknown here are left out. */
export function listBytes(text: string, owners: Owners): Buffer {
  const entries = text.split(',').flatMap((entry) => {
    const [tag = 0, rights = 0] = entry.split(':').slice(0, 2).map(Number);
    const name = entry.split(':').slice(2).join(':');
    const number = tag === userTag ? owners.uidOf(name) : tag === groupTag ? owners.gidOf(name) : nobody;
    if (number === undefined) return [];
    const bytes = Buffer.alloc(8);
    bytes.writeUInt16LE(tag & 0xffff, 0);
    bytes.writeUInt16LE(rights & 7, 2);
    bytes.writeUInt32LE(number, 4);
    return [bytes];
  });
  return Buffer.concat([Buffer.from([2, 0, 0, 0]), ...entries]);
}

/** What of a file's attributes travels, as text; '' for none. `all`: their names, where they were just asked for. */
export function readAttributes(
  native: Native,
  owners: Owners,
  path: string,
  all: readonly string[] = native.attributeNames(path),
): string {
  if (all.length === 0) return '';
  const names = all.filter(travels).sort();
  const lines = names.flatMap((name) => {
    const value = native.attribute(path, name);
    if (value === undefined) return [];
    return [`${name}=${lists.includes(name) ? listText(value, owners) : value.toString('hex')}`];
  });
  return lines.join('\n');
}

/** Makes a file's attributes those of the text. A file system without them keeps the file without. */
export function writeAttributes(native: Native, owners: Owners, path: string, text: string): void {
  if (text === '' && native.attributeNames(path).filter(travels).length === 0) return;
  const wanted = new Map(
    text
      .split('\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
      .filter(([name]) => travels(name)),
  );
  try {
    replaceAttributes(native, owners, path, wanted);
  } catch (error) {
    if (!(error instanceof CallFailed) || !['EOPNOTSUPP', 'ENOTSUP', 'EPERM'].includes(error.code)) throw error;
  }
}

function replaceAttributes(native: Native, owners: Owners, path: string, wanted: ReadonlyMap<string, string>): void {
  for (const name of native.attributeNames(path)) {
    if (travels(name) && !wanted.has(name)) native.removeAttribute(path, name);
  }
  for (const [name, value] of wanted) {
    native.setAttribute(path, name, lists.includes(name) ? listBytes(value, owners) : Buffer.from(value, 'hex'));
  }
}
