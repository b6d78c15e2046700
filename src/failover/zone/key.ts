import { addressOf } from './address.ts';
import { ttlSeconds } from './ttl-text.ts';

/** What all spellings of one value have in common; '' for a TTL that is not written. */
export function keyOf(kind: 'address' | 'ttl', text: string): string {
  if (kind === 'address') return addressOf(text)?.key ?? text;
  return text === '' ? '' : String(ttlSeconds(text) ?? text);
}
