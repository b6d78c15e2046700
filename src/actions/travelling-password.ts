/**
 * Passwords that people type travel as hashes where the function takes one: the same hash on every master, and nothing in
 * the journal that opens anything. cPanel rates a password only where it sees one, so the server is asked first.
 */
import { z } from 'zod';
import { Invalid } from '../errors.ts';
import { uapi, whm } from '../whm/call.ts';
import { numeric, readable } from './answers.ts';
import type { Preparation } from './define.ts';

interface Typed {
  readonly account: string;
  readonly password?: string | undefined;
  readonly passwordHash?: string | undefined;
  readonly asHash?: boolean | undefined;
}

const rating = z.object({ strength: numeric });

/** cPanel's own sentence. */
function tooWeak(least: number): string {
  return `Sorry, the password you selected cannot be used because it is too weak and would be too easy to guess. Please select a password with strength rating of ${least} or higher.`;
}

/**
 * Rates what was typed by the server's own measure, and puts SHA-512 crypt in its place. It stays as it was typed where no
 * server can be asked, or one refuses to rate: then the server that takes it rates it. Throws Invalid when it is too weak.
 */
export function hashTyped<P extends Typed>(p: P, app: 'pop' | 'ftp'): Preparation<P> | undefined {
  const { account, password } = p;
  if (p.asHash !== true || password === undefined) return undefined;
  return {
    calls: [
      uapi(account, 'PasswdStrength::get_required_strength', { app }),
      whm('get_password_strength', { password }),
    ],
    fill(answers, crypt) {
      const [least, own] = [readable(answers, 0, rating), readable(answers, 1, rating)];
      if (!least.ok || !own.ok) return p;
      if (own.value.strength < least.value.strength) {
        const message = tooWeak(least.value.strength);
        throw new Invalid(message, [{ path: 'password', message }]);
      }
      return { ...p, password: undefined, passwordHash: crypt(password) };
    },
  };
}
