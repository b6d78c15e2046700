/** The door that the peer's key opens: rsync in the agent's own folders, told what the agent's own rsync tells it, no more. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  writeFileSync(tried, door.replace("exec 'rsync',", "use Cwd; exec 'echo', cwd(), 'rsync',"));
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
  });
});
