import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { Digests } from '../../../src/filesync/digests.ts';
import { tempDir } from '../../support/processes.ts';

const dir = tempDir('filesync-digests');
afterAll(() => dir.remove());

/** What is asked, and everything that is told until nothing more comes. */
async function told(digests: Digests, ask: () => void): Promise<readonly string[]> {
  const all: string[] = [];
  digests.touch = (path) => {
    all.push(path);
  };
  ask();
  await new Promise((resolve) => setTimeout(resolve, 200));
  return all;
}

it('works a digest out once, and tells when it is there', async () => {
  const file = `${dir.path}/large`;
  writeFileSync(file, Buffer.alloc(3_000_000, 'abc'));
  const digests = new Digests();
  const all = await told(digests, () => {
    for (let n = 0; n < 3; n++) expect(digests.of('home/bob/large', file, 'mark')).toBeUndefined();
  });
  expect(all).toEqual(['home/bob/large']);
  const whole = createHash('sha256').update(Buffer.alloc(3_000_000, 'abc')).digest('hex').slice(0, 32);
  expect(digests.of('home/bob/large', file, 'mark')).toBe(whole);
  expect(digests.of('home/bob/large', file, 'another mark')).toBeUndefined();
});

it('tells nothing of what it cannot read, so that nobody reads that again at once, and tries when it is asked', async () => {
  const digests = new Digests();
  const file = `${dir.path}/missing`;
  expect(await told(digests, () => void digests.of('home/bob/missing', file, 'mark'))).toEqual([]);
  writeFileSync(file, 'there by now');
  expect(await told(digests, () => void digests.of('home/bob/missing', file, 'mark'))).toEqual(['home/bob/missing']);
});
