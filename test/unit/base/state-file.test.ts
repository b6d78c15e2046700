import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { stateFile } from '../../../src/state-file.ts';
import { tempDir } from '../../support/processes.ts';

const file = stateFile(z.object({ at: z.number() }));
const dir = tempDir('tandem-state');
afterAll(() => dir.remove());

it('is read as it was written, and nothing lies beside it', async () => {
  await file.write(dir.path, { at: 7 });
  expect(await file.read(dir.path)).toEqual({ at: 7 });
  expect(readdirSync(dir.path)).toEqual(['state.json']);
});

it.each(['', '{"at":', '{"at":"of another version"}'])('%j says nothing', async (text) => {
  writeFileSync(join(dir.path, 'state.json'), text);
  expect(await file.read(dir.path)).toBeUndefined();
});

it('a folder without it says nothing; a folder that is a file is a failure', async () => {
  expect(await file.read(join(dir.path, 'nowhere'))).toBeUndefined();
  await expect(file.read(join(dir.path, 'state.json'))).rejects.toThrow('ENOTDIR');
});
