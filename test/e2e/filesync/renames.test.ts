import { existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FilePair, filePair, noFileSync } from '../../support/filesync.ts';

const rounds = 5 * Number(process.env['TANDEM_TEST_SEEDS'] ?? 2);
const lacking = noFileSync();
const waiting = { timeout: 60_000, interval: 4 };

describe.skipIf(lacking !== undefined)('renamed directories', () => {
  let pair: FilePair;
  beforeAll(async () => {
    pair = await filePair({ roundTripMs: 10 });
    await pair.start(2);
    await pair.start(1);
    await pair.quiet();
  });
  afterAll(() => pair?.close());

  it('renamed and removed by the other side as soon as it sees them, again and again', {
    timeout: 900_000,
  }, async () => {
    for (let round = 0; round < rounds; round++) {
      const [one, two] = round % 2 === 0 ? [pair.home[0], pair.home[1]] : [pair.home[1], pair.home[0]];
      mkdirSync(`${one}/d${round}/e/f`, { recursive: true });
      writeFileSync(`${one}/d${round}/e/f/deep`, 'deep');
      linkSync(`${one}/d${round}/e/f/deep`, `${one}/hard${round}`);
      await vi.waitFor(() => expect(existsSync(`${two}/d${round}/e/f/deep`)).toBe(true), waiting);
      renameSync(`${two}/d${round}`, `${two}/moved${round}`);
      await vi.waitFor(() => expect(existsSync(`${one}/moved${round}/e/f/deep`)).toBe(true), waiting);
      await vi.waitFor(() => expect(existsSync(`${one}/d${round}`)).toBe(false), waiting);
      rmSync(`${one}/moved${round}`, { recursive: true });
      await vi.waitFor(() => expect(existsSync(`${two}/moved${round}`)).toBe(false), waiting);
    }
  });
});
