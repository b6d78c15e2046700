/** The strength that this server wants of passwords. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import { settings } from '../tables.ts';

/** 0 to 100, growing with length and with the kinds of characters. */
export function passwordStrength(password: string): number {
  const kinds = [/[a-z]/u, /[A-Z]/u, /\d/u, /[^A-Za-z0-9]/u].filter((kind) => kind.test(password)).length;
  const different = new Set(password).size;
  return Math.min(100, different * 4 + kinds * 10);
}

/** Refuses a weak password, or one that holds the name it belongs to, in cPanel's words. */
export function checkPassword(context: Context, password: string, name: string): void {
  const wanted = context.state.of(settings).get('server')?.minimumStrength ?? 0;
  if (name.length > 2 && password.toLowerCase().includes(name.toLowerCase())) {
    throw new Refusal('Sorry, the password may not contain the username for security reasons.');
  }
  if (passwordStrength(password) < wanted) {
    throw new Refusal(
      `Sorry, the password you selected cannot be used because it is too weak and would be too easy to guess.  Please select a password with strength rating of ${wanted} or higher.`,
    );
  }
}
