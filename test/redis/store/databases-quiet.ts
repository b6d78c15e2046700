import { pino } from 'pino';

export const quiet = pino({ level: 'silent' });

/** The tables that the tests of the store's base use. */
export interface Tables {
  things: { id: string; n: number; text: string | null; bytes: Buffer | null };
}
