import { randomInt } from 'node:crypto';

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_.+*';
const kinds = [/[A-Z]/, /[a-z]/, /\d/, /[-_.+*]/];

/**
 * Twenty characters without look-alikes, each kind among them. A form shows it before it is sent: afterwards nobody
 * can read it any more, here or on a master.
 */
export function newPassword(): string {
  for (;;) {
    const text = Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]).join('');
    if (kinds.every((kind) => kind.test(text))) return text;
  }
}
