import type { PortalSay } from './en.ts';

/** What public/app.js says, JSON: it holds no words of its own but those for pages that give none. */
export function scriptWords(say: PortalSay): string {
  return JSON.stringify({
    show: say('script.show'),
    hide: say('script.hide'),
    copy: say('script.copy'),
    copied: say('script.copied'),
    generate: say('script.generate'),
    now: say('script.now'),
    seconds: say('script.seconds'),
    minutes: say('script.minutes'),
    passkey: say('script.passkey'),
    noPasskey: say('script.no-passkey'),
  });
}
