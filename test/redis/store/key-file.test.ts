import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSealer } from '../../../src/store/seal.ts';
import { KeyFileBad } from '../../../src/store/seal-key-file.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';

let dir: TempDir;
beforeEach(() => {
  dir = tempDir('tandem-key');
});
afterEach(() => dir.remove());

test('the key file is made at the first start, for nobody else to read, and used at the next', async () => {
  const file = `${dir.path}/state/key`;
  const first = await openSealer(file);
  const { sealed } = first.createDataKey();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await openSealer(file)).openDataKey(sealed).symmetricKeySize).toBe(32);
});

test('first starts at the same moment agree on one key, and leave no draft behind', async () => {
  const file = `${dir.path}/key`;
  const sealers = await Promise.all(Array.from({ length: 8 }, () => openSealer(file)));
  expect(new Set(sealers.map((sealer) => sealer.hmac('x'))).size).toBe(1);
  expect(readdirSync(dir.path)).toEqual(['key']);
});

test('a key file that others may read is refused with the command that mends it', async () => {
  const file = `${dir.path}/key`;
  await openSealer(file);
  chmodSync(file, 0o640);
  await expect(openSealer(file)).rejects.toMatchObject({ hint: expect.stringContaining('chmod 600') });
});

test('a damaged key file is refused, not replaced, and not printed', async () => {
  const file = `${dir.path}/key`;
  await openSealer(file);
  const half = readFileSync(file, 'utf8').slice(0, 30);
  writeFileSync(file, half);
  const opened = openSealer(file);
  await expect(opened).rejects.toThrow(KeyFileBad);
  await expect(opened).rejects.not.toThrow(half.slice(14));
  expect(readFileSync(file, 'utf8')).toBe(half);
});
