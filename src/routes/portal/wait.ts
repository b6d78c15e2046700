import type { PortalSay } from './texts/en.ts';

/** How long to wait after too many attempts. */
export function waitWords(say: PortalSay, seconds: number): string {
  if (seconds < 90) return say('wait.seconds', { count: seconds });
  return say('wait.minutes', { count: Math.ceil(seconds / 60) });
}
