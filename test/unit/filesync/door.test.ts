/** The door that the peer's key opens: rsync in the agent's own folders, told what the agent's own rsync tells it, no more. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { piecesOf } from '../../../src/filesync/pieces.ts';
import { missing, tempDir } from '../../support/processes.ts';

const dir = tempDir('filesync-door');
const id = '0123456789abcdef0123456789abcdef';
const lacking = missing('perl') ?? missing('rsync');

beforeAll(() => {
  for (const folder of ['in', 'out', 'base', 'tmp']) mkdirSync(`${dir.path}/spool/${folder}`, { recursive: true });
  writeFileSync(`${dir.path}/spool.list`, `home ${dir.path}/spool\n`);
});
afterAll(() => dir.remove());

/** Knocks; what would be run, and where, is told instead. */
function knock(command: string): { readonly status: number | null; readonly said: string } {
  const door = readFileSync('src/filesync/helpers/door.pl', 'utf8');
  const tried = `${dir.path}/door.pl`;
  const told = door
    .replace("exec 'rsync',", "use Cwd; exec 'echo', cwd(), 'rsync',")
    .replace('exec $^X,', "exec 'echo',");
  writeFileSync(tried, told);
  const env = { ...process.env, SSH_ORIGINAL_COMMAND: command };
  const ran = spawnSync('perl', [tried, dir.path], { encoding: 'utf8', env });
  return { status: ran.status, said: (ran.stdout + ran.stderr).trim() };
}

describe.skipIf(lacking !== undefined)('the door', () => {
  const flags = '-slIS.e.LsfxCIvu --partial --timeout=60';

  it.each([
    [`rsync --server ${flags} --copy-dest ../base . home/in/`, 'in', `${flags} --copy-dest ../base . ./`],
    [`rsync --server ${flags} . home/in/`, 'in', `${flags} . ./`],
    [`rsync --server --sender ${flags} . home/out/${id}`, 'out', `--sender ${flags} . ./${id}`],
  ])('lets through %s', (command, folder, rest) => {
    expect(knock(command)).toEqual({ status: 0, said: `${dir.path}/spool/${folder} rsync --server ${rest}` });
  });

  it.each([
    [`piece home/in/${id} 0 99`, `in ${dir.path}/spool/in/${id}.whole 0 99`],
    [`piece home/out/${id} 4096 1`, `out ${dir.path}/spool/out/${id} 4096 1`],
  ])('lets through %s', (command, rest) => {
    expect(knock(command)).toEqual({ status: 0, said: `${dir.path}/piece.pl ${rest}` });
  });

  it.each([
    `piece home/base/${id} 0 99`,
    `piece home/in/../../${id} 0 99`,
    `piece home/in/${id}.whole 0 99`,
    `piece home/in/${id} -1 99`,
    `piece home/in/${id} 0 99 sh`,
    `piece other/in/${id} 0 99`,
    `rsync --server ${flags} ../base . home/in/`,
    `rsync --server ${flags} --copy-dest ../../.. . home/in/`,
    `rsync --server ${flags} --copy-dest . home/in/`,
    `rsync --server ${flags} --copy-dest ../base --copy-dest ../base . home/in/`,
    `rsync --server ${flags} --copy-dest ../base ../base . home/in/`,
    `rsync --server --sender ${flags} --copy-dest ../base . home/out/${id}`,
    `rsync --server --sender ${flags} ../base . home/out/${id}`,
    `rsync --server ${flags} --link-dest ../base . home/in/`,
    `rsync --server ${flags} --inplace . home/in/`,
    `rsync --server ${flags} --delete . home/in/`,
    `rsync --server ${flags} . home/out/${id}`,
    `rsync --server --sender ${flags} . home/in/`,
    `rsync --server --sender ${flags} . home/out/../../etc/passwd`,
    `rsync --server ${flags} . other/in/`,
    `rsync --server ${flags} . /etc/`,
    'bash',
    '',
  ])('refuses %s', (command) => {
    const { status, said } = knock(command);
    expect(status).not.toBe(0);
    expect(said).not.toContain('rsync --server');
    expect(said).not.toContain('piece.pl ');
  });
});

describe.skipIf(missing('perl') !== undefined)('a piece', () => {
  const piece = (input: Buffer | string, ...words: string[]) =>
    spawnSync('perl', ['src/filesync/helpers/piece.pl', ...words], { input, encoding: 'utf8' });

  it('lands where it belongs, and no byte more than it is long', () => {
    const file = `${dir.path}/placed`;
    writeFileSync(file, 'aaaaaaaaaa');
    expect(piece('bcd', 'in', file, '2', '3').status).toBe(0);
    expect(piece('efgh', 'in', file, '5', '2').status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('aabcdefaaa');
    expect(piece('', 'out', file, '2', '5').stdout).toBe('bcdef');
  });

  it('fails when less comes than was said, or the file is shorter, or the program fails', () => {
    const file = `${dir.path}/short`;
    expect(piece('abc', 'in', file, '0', '4').status).not.toBe(0);
    expect(piece('', 'out', file, '0', '4').status).not.toBe(0);
    expect(piece('', 'in', file, '0', '4', 'sh', '-c', 'printf abcd; exit 3').status).not.toBe(0);
    expect(piece('', 'out', file, '0', '3', 'sh', '-c', 'cat > /dev/null; exit 3').status).not.toBe(0);
    expect(piece('', 'in', file, '0', '4', 'printf', 'abcd').status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('abcd');
  });

  it('follows no link', () => {
    symlinkSync(`${dir.path}/short`, `${dir.path}/link`);
    expect(piece('zzzz', 'in', `${dir.path}/link`, '0', '4').status).not.toBe(0);
  });

  it('of zeros becomes a hole, and is as long all the same', () => {
    const file = `${dir.path}/hollow`;
    const size = 4 << 20;
    expect(piece(Buffer.alloc(size), 'in', file, '0', String(size)).status).toBe(0);
    expect(statSync(file)).toMatchObject({ size });
    expect(statSync(file).blocks * 512).toBeLessThan(size / 4);
  });
});

it('pieces make up the file, without a gap and without an overlap', () => {
  for (const size of [300_000, 4 << 20, (8 << 20) + 3, 209_715_200, 209_715_201]) {
    let end = 0;
    for (const { at, length } of piecesOf(size)) {
      expect(at).toBe(end);
      expect(length).toBeGreaterThan(0);
      end += length;
    }
    expect(end).toBe(size);
  }
  expect(piecesOf(300_000)).toHaveLength(1);
  expect(piecesOf(209_715_200)).toHaveLength(4);
});
