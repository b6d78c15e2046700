import { expect } from 'vitest';
import type { PairMember } from './pair.ts';

/** Waits until the first value of the first row is as expected. */
export async function arrives(on: PairMember, statement: string, expected: unknown): Promise<void> {
  const first = async (): Promise<unknown> => {
    try {
      return Object.values((await on.sql(statement))[0] ?? {})[0];
    } catch (error) {
      return error;
    }
  };
  await expect.poll(first, { timeout: 30_000, interval: 100 }).toEqual(expected);
}
