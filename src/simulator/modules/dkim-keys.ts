/** RSA keys of domains. */
import { createPublicKey } from 'node:crypto';
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';

export interface DkimKey {
  readonly domain: string;
  readonly user: string;
  /** Private key, PEM. */
  readonly pem: string;
  /** Whether the zone publishes it. */
  readonly enabled: boolean;
}

/** Key: the domain. */
export const dkimKeys = table<DkimKey>('dkim-keys', { group: (k) => k.user });

/** The TXT record that belongs to a private key. Refuses what is no RSA private key. */
export function dkimText(pem: string): string {
  try {
    const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
    return `v=DKIM1; k=rsa; p=${der.toString('base64')};`;
  } catch {
    throw new Refusal('The provided private key is invalid.');
  }
}

/** The domain's key; made now when it has none. */
export function keyOf(context: Context, domain: string, user: string): DkimKey {
  const rows = context.state.of(dkimKeys);
  const found = rows.get(domain);
  if (found !== undefined) return found;
  const made: DkimKey = { domain, user, pem: context.host.rsaKey(), enabled: true };
  rows.set(domain, made);
  return made;
}
