import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { isWhole } from '../../../src/dbsync/mariadb/programs.ts';
import type { Side } from '../../../src/dbsync/model.ts';
import { runProgram, toFile } from '../../../src/dbsync/programs.ts';
import { tempDir } from '../../support/processes.ts';

const side: Side = {
  ...{ id: 'm1', name: 'M1', number: 1, hosts: [] },
  access: { host: '', port: 0, user: '', peer: { host: '', port: 0 }, from: '', directory: '' },
};

describe('what a program says', () => {
  const dir = tempDir('tandem-programs');
  afterAll(() => dir.remove());

  it('is there whole although the program has ended before anybody reads', async () => {
    let said = '';
    await runProgram(side, 'printf', ['all of it'], {
      async output(out) {
        // A busy machine needs that long to make a folder.
        await sleep(300);
        said = (await buffer(out)).toString();
      },
    });
    expect(said).toBe('all of it');
  });

  it('is kept compressed, and its end is told', async () => {
    const file = join(dir.path, 'new', 'copy.gz');
    let tail = '';
    await runProgram(side, 'seq', ['50000'], {
      async output(out) {
        tail = await toFile(out, file);
      },
    });
    expect(tail.endsWith('\n49999\n50000\n')).toBe(true);
    expect(gunzipSync(readFileSync(`${file}.part`)).toString()).toHaveLength(288_894);
  });

  it('and why it failed, by its own words', async () => {
    await expect(runProgram(side, 'sh', ['-c', 'echo no such thing >&2; exit 3'])).rejects.toThrow(
      'M1: sh failed: no such thing',
    );
    const client =
      "printf '%s\\n' -------- 'INSERT of a customer' -------- 'ERROR 1114 (HY000) at line 7: full' >&2; exit 1";
    await expect(runProgram(side, 'sh', ['-c', client])).rejects.toThrow(
      /^M1: sh failed: ERROR 1114 \(HY000\) at line 7: full$/,
    );
  });
});

describe('a copy by mariadb-dump', () => {
  const before = '/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n';

  it.each([
    ['older', '/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n\n'],
    ['newer', '/*M!100616 SET NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY */;\n'],
  ])('is whole with the last words of an %s program', (_, last) => {
    expect(isWhole(before + last)).toBe(true);
    expect(isWhole(before)).toBe(false);
    expect(isWhole(`${before + last}INSERT INTO`)).toBe(false);
  });
});
