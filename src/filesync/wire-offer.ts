/**
 * Offers as the peer sends them, checked by hand: a first sync brings a hundred thousand, and a general checker took more
 * time for each than its file took to be made.
 */
import { isPlace } from './maildir.ts';
import type { State, Version } from './model.ts';

export const mostBody = 1024 * 1024;
export const mostOffers = 1000;
export const [shortestKey, longestKey] = [3, 1900];
const mostText = 4096;
const mostName = 256;
const mostAttributes = 200_000;

type Rest = readonly [state: State, conflict: boolean, length: number];
/** key, version, state, whether it settles a conflict, length of its content in the body (-1: none is sent). */
export type WireOffer = readonly [key: string, version: Version, ...Rest];
/** The same on the line: how much of its key is the one before's and the rest of it, what is added to the version before. */
export type PackedOffer = readonly [shared: number, rest: string, first: number, second: number, ...Rest];

type Fields = Readonly<Record<string, unknown>>;

/** Whether all characters are bytes, and none is zero. */
export function isBytes(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0 || code > 255) return false;
  }
  return true;
}

/** Whether it is a whole number that is exact, and not negative. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most && isBytes(value);
}

const isTime = (value: unknown): boolean => typeof value === 'string' && /^-?\d{1,20}$/.test(value);
const isDigest = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);

function isNamed({ user, group }: Fields): boolean {
  return isText(user, mostName) && isText(group, mostName);
}

function isOwned(one: Fields): boolean {
  const { mode, attributes } = one;
  const isMode = isCount(mode) && mode <= 0o7777;
  return isMode && isNamed(one) && typeof attributes === 'string' && attributes.length <= mostAttributes;
}

function isFile(one: Fields, fields: number): boolean {
  const { size, mtime, digest, place } = one;
  const isPlaced = fields === 9 && typeof place === 'string' && isPlace(place);
  return (fields === 8 || isPlaced) && isOwned(one) && isCount(size) && isTime(mtime) && isDigest(digest);
}

/** Fields are counted: those that are asked for are there, so there are no others. */
function isState(value: unknown): value is State {
  if (typeof value !== 'object' || value === null) return false;
  const one = value as Fields;
  const fields = Object.keys(one).length;
  switch (one['kind']) {
    case 'absent':
      return fields === 1;
    case 'directory':
      return fields === 5 && isOwned(one);
    case 'link':
      return (
        fields === 5 && isText(one['target'], mostText) && one['target'] !== '' && isNamed(one) && isTime(one['mtime'])
      );
    case 'file':
      return isFile(one, fields);
    default:
      return false;
  }
}

function isPackedOffer(value: unknown): value is PackedOffer {
  if (!Array.isArray(value) || value.length !== 7) return false;
  const [shared, rest, first, second, state, conflict, length] = value as readonly unknown[];
  const isKey = isCount(shared) && shared <= longestKey && isText(rest, longestKey);
  const isVersion = Number.isSafeInteger(first) && Number.isSafeInteger(second);
  const isLength = length === -1 || (isCount(length) && length <= mostBody);
  return isKey && isVersion && typeof conflict === 'boolean' && isLength && isState(state);
}

/** Whether a frame's offers are sound one by one; what they come to together is seen when they are put together. */
export function arePackedOffers(value: unknown): value is readonly PackedOffer[] {
  return Array.isArray(value) && value.length <= mostOffers && value.every(isPackedOffer);
}
