import { textOf } from '../../whm/outcome.ts';
import { type CallAnswer, isRecord } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';

/** Deeper than any answer of cPanel's. */
const deepest = 12;

/** Bodies in which nothing was found to change; each was looked for by one `mayHoldInside`, of which a process has one. */
const clean = new WeakMap<object, unknown>();

/** Whether what the master wrote holds nothing that the outside sees otherwise. */
function isClean({ mayHoldInside }: Pick<PassthroughDeps, 'mayHoldInside'>, body: unknown): boolean {
  const text = textOf(body);
  if (text === undefined || mayHoldInside === undefined || typeof body !== 'object' || body === null) return false;
  if (clean.get(body) === mayHoldInside) return true;
  if (mayHoldInside(text)) return false;
  clean.set(body, mayHoldInside);
  return true;
}

function walked(value: unknown, outside: (address: string) => string, depth: number): unknown {
  if (typeof value === 'string') return value.length > 45 ? value : outside(value);
  if (depth > deepest || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => walked(item, outside, depth + 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walked(item, outside, depth + 1)]));
}

/**
 * An answer with every address of a master as the outside sees it, so that a client never learns which of them spoke.
 * Nothing is copied while the addresses are the outside's own already.
 */
export function outsideOf(deps: Pick<PassthroughDeps, 'outside' | 'mayHoldInside'>, answer: CallAnswer): CallAnswer {
  if (!answer.ok || isClean(deps, answer.body)) return answer;
  if (!differs(answer.data, deps.outside, 0)) return answer;
  const data = walked(answer.data, deps.outside, 0);
  return answer.body === undefined
    ? { ...answer, data }
    : { ...answer, data, body: walked(answer.body, deps.outside, 0) };
}

/** Values of a zone's lines in base64, as parse_dns_zone writes them; what is not changed stays the very same. */
function unveiled(value: unknown, outside: (address: string) => string, depth = 0): unknown {
  if (depth > deepest || typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]): readonly [string, unknown] => [
    name,
    name === 'data_b64' && Array.isArray(item)
      ? same(
          item,
          item.map((one: unknown) => (typeof one === 'string' ? encoded(one, outside) : one)),
        )
      : unveiled(item, outside, depth + 1),
  ]);
  if (Array.isArray(value))
    return same(
      value,
      entries.map(([, item]) => item),
    );
  const before: Readonly<Record<string, unknown>> = { ...value };
  return entries.every(([name, item]) => item === before[name]) ? value : Object.fromEntries(entries);
}

function same(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.every((item, at) => item === before[at]) ? before : after;
}

function encoded(base64: string, outside: (address: string) => string): string {
  const value = Buffer.from(base64, 'base64').toString('utf8');
  const shown = value.length > 45 ? value : outside(value);
  return shown === value ? base64 : Buffer.from(shown).toString('base64');
}

/** The same for an answer that shows a zone, whose values may be written in base64. */
export function zoneOutside(deps: Pick<PassthroughDeps, 'outside' | 'mayHoldInside'>, answer: CallAnswer): CallAnswer {
  if (!answer.ok) return answer;
  const data = unveiled(answer.data, deps.outside);
  if (data === answer.data) return outsideOf(deps, answer);
  const body = answer.body === undefined ? {} : { body: unveiled(answer.body, deps.outside) };
  return outsideOf(deps, { ...answer, data, ...body });
}

function differs(value: unknown, outside: (address: string) => string, depth: number): boolean {
  if (typeof value === 'string') return value.length <= 45 && outside(value) !== value;
  if (depth > deepest || typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((item) => differs(item, outside, depth + 1));
}

/**
 * Whether JSON text may hold one of these values as a whole text: looked for in what is written, which costs a tenth of
 * looking at each value. Where letters are written as escapes it may. The values hold letters, digits, `.`, `-`, `:`.
 */
export function holdsAny(values: readonly string[]): (json: string) => boolean {
  if (values.length === 0) return () => false;
  const any = values.map((value) => value.replace(/[^a-z0-9-]/gi, '\\$&')).join('|');
  const found = new RegExp(`\\\\u00[2-7]|"(?:${any})"`, 'i');
  return (json) => found.test(json);
}
