import { type CallAnswer, isRecord } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';

/** Deeper than any answer of cPanel's. */
const deepest = 12;

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
export function outsideOf(deps: Pick<PassthroughDeps, 'outside'>, answer: CallAnswer): CallAnswer {
  if (!answer.ok || !differs(answer.data, deps.outside, 0)) return answer;
  const data = walked(answer.data, deps.outside, 0);
  return answer.body === undefined
    ? { ...answer, data }
    : { ...answer, data, body: walked(answer.body, deps.outside, 0) };
}

function differs(value: unknown, outside: (address: string) => string, depth: number): boolean {
  if (typeof value === 'string') return value.length <= 45 && outside(value) !== value;
  if (depth > deepest || typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((item) => differs(item, outside, depth + 1));
}
