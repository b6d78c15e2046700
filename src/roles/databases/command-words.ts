import { Invalid } from '../../errors.ts';
import type { Desk } from './model.ts';

/** What both engines' commands are called, and what their help says. */
type Words = Readonly<
  Record<
    'check' | 'repair' | 'detach' | 'attach' | 'pause' | 'resume' | 'fence' | 'unfence',
    { readonly usage: string; readonly about: string; readonly flags: Readonly<Record<string, 'text' | 'switch'>> }
  >
>;

export const commandWords: Words = {
  check: {
    usage: 'check DATABASE… | --all [--share 0.5]',
    about: 'Compare rows on both masters, paced: --share is the part of the time that the servers may be kept busy',
    flags: { all: 'switch', share: 'text' },
  },
  repair: {
    usage: 'repair DATABASE… | --all --from MASTER [--dry-run] [--share 0.5]',
    about: 'Make rows that differ equal to those of MASTER; what is overwritten is kept in a file',
    flags: { all: 'switch', share: 'text', from: 'text', 'dry-run': 'switch' },
  },
  detach: {
    usage: 'detach ACCOUNT [--databases A,B]',
    about: "Cut off an account's databases on both masters, prove it, and back both copies up",
    flags: { databases: 'text' },
  },
  attach: { usage: 'attach ACCOUNT', about: 'Carry them again, once both masters hold the same', flags: {} },
  pause: { usage: 'pause MASTER', about: 'Stop applying on MASTER until resume', flags: {} },
  resume: { usage: 'resume MASTER', about: 'Go on applying on MASTER', flags: {} },
  fence: {
    usage: 'fence MASTER [--wait]',
    about: 'Read-only for customers; --wait until the other has all that it wrote',
    flags: { wait: 'switch' },
  },
  unfence: {
    usage: 'unfence MASTER [--now]',
    about: 'Take writes again, once it has all that the other wrote; --now does not wait',
    flags: { now: 'switch' },
  },
};

const defaultShare = 0.5;

/** What --share says. Throws Invalid for what is no share. */
export function shareOf({ share: given }: Desk['flags']): number {
  if (given === undefined) return defaultShare;
  const share = Number(given);
  if (!(share >= 0.01 && share <= 1))
    throw new Invalid('--share is wrong.', [{ path: '--share', message: 'Give 0.01 to 1.' }]);
  return share;
}
