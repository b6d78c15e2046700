import type { Host } from './handler.ts';

/** A new API token: 32 capital letters and digits. */
export function newToken(host: Host): string {
  return host.randomText(32).toUpperCase();
}
