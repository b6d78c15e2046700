import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hostFiles } from '../../../src/simulator/files.ts';
import { phpServer } from '../../../src/simulator/modules/lang-php.ts';
import { account, type TestServer, testServer } from '../../unit/simulator/server.ts';

let folder: string;
let m1: TestServer;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulated-home-'));
  m1 = testServer('m1', '192.0.2.1', '11.134.0.20', hostFiles(folder));
  account('bob', [m1]);
  account('eve', [m1], { uid: 2002, gid: 2002 });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const real = (path: string): string => readFileSync(join(folder, path), 'utf8');
const save = (file: string, content: string, dir = 'public_html', user = 'bob') =>
  m1.uapi(user, 'Fileman::save_file_content', { dir, file, content });
const fileop = (op: string, sourcefiles: string, destfiles = '', metadata = '') =>
  m1.api2('bob', 'Fileman::fileop', { op, sourcefiles, destfiles, metadata, doubledecode: 0 });
const names = (dir: string): readonly string[] => {
  const data = m1.data(m1.uapi('bob', 'Fileman::list_files', { dir, show_hidden: 1 })) as Record<
    string,
    { file: string }[]
  >;
  return [...(data['dirs'] ?? []), ...(data['files'] ?? [])].map((row) => row.file);
};

it('a file that is saved is a real file, is listed and read back', () => {
  expect(save('a.txt', 'Grüße\r\n')).toMatchObject({ ok: true, data: { path: '/home/bob/public_html/a.txt' } });
  expect(real('home/bob/public_html/a.txt')).toBe('Grüße\r\n');
  expect(m1.data(m1.uapi('bob', 'Fileman::get_file_content', { dir: 'public_html', file: 'a.txt' }))).toMatchObject({
    content: 'Grüße\r\n',
    filename: 'a.txt',
  });
  expect(names('public_html')).toContain('a.txt');
  expect(m1.data(m1.uapi('bob', 'Fileman::get_file_information', { path: 'public_html/a.txt' }))).toMatchObject({
    type: 'file',
    size: 9,
    nicemode: '0644',
    exists: 1,
  });
});

it.each([
  ['the parent', '../eve/public_html'],
  ['a path from the top', '/home/eve'],
  ['a look-alike', '/home/bobby'],
  ['the server', '/etc'],
])('%s is not reached', (_what, dir) => {
  save('hers.txt', 'x', 'public_html', 'eve');
  expect(save('x.txt', 'x', dir)).toMatchObject({ ok: false });
  expect(m1.uapi('bob', 'Fileman::list_files', { dir })).toMatchObject({ ok: false });
  expect(fileop('copy', `${dir}/hers.txt`, 'public_html/mine.txt')).toMatchObject({ ok: false });
  expect(fileop('unlink', `${dir}/hers.txt`)).toMatchObject({ ok: false });
});

it('a link that leads away is no way out, and a name that is a path is refused', () => {
  save('secret.txt', 'hers', 'public_html', 'eve');
  save('a.txt', 'mine');
  symlinkSync(join(folder, 'home/eve'), join(folder, 'home/bob/out'));
  symlinkSync(join(folder, 'home/eve/public_html/secret.txt'), join(folder, 'home/bob/one'));
  expect(m1.uapi('bob', 'Fileman::list_files', { dir: 'out' })).toMatchObject({ ok: false });
  expect(save('x.txt', 'x', 'out/public_html')).toMatchObject({ ok: false });
  expect(m1.uapi('bob', 'Fileman::get_file_content', { dir: '', file: 'one' })).toMatchObject({ ok: false });
  expect(save('one', 'x', '/home/bob')).toMatchObject({ ok: false });
  expect(fileop('move', 'public_html/a.txt', 'out/public_html/a.txt')).toMatchObject({ ok: false });
  expect(save('../b.txt', 'x')).toMatchObject({ ok: false });
  expect(real('home/eve/public_html/secret.txt')).toBe('hers');
});

it('moves, copies, renames, sets permissions, puts into the trash and deletes', () => {
  save('a.txt', 'one');
  m1.api2('bob', 'Fileman::mkdir', { path: '/home/bob/public_html', name: 'sub', permissions: '0755' });
  expect(fileop('copy', 'public_html/a.txt', 'public_html/sub')).toMatchObject({ ok: true });
  expect(fileop('rename', 'public_html/a.txt', 'public_html/b.txt')).toMatchObject({ ok: true });
  expect(fileop('chmod', 'public_html/b.txt', '', '0600')).toMatchObject({ ok: true });
  expect(names('public_html/sub')).toEqual(['a.txt']);
  expect(m1.data(m1.uapi('bob', 'Fileman::get_file_information', { path: 'public_html/b.txt' }))).toMatchObject({
    nicemode: '0600',
  });
  expect(fileop('move', 'public_html/sub', 'public_html/sub/deeper')).toMatchObject({ ok: false });
  expect(fileop('trash', 'public_html/b.txt')).toMatchObject({ ok: true });
  expect(names('.trash')).toEqual(['b.txt']);
  expect(fileop('unlink', 'public_html/sub')).toMatchObject({ ok: true });
  expect(fileop('unlink', 'public_html/sub')).toMatchObject({ ok: false, reason: 'No such file or directory' });
  expect(fileop('unlink', '/home/bob')).toMatchObject({ ok: false });
});

it.each([['zip'], ['tar.gz'], ['tar']])('what is compressed as %s comes out again', (kind) => {
  save('a.txt', 'one');
  expect(fileop('compress', 'public_html/a.txt', `public_html/all.${kind}`, kind)).toMatchObject({ ok: true });
  m1.api2('bob', 'Fileman::mkdir', { path: '/home/bob/public_html', name: 'out' });
  expect(fileop('extract', `public_html/all.${kind}`, 'public_html/out')).toMatchObject({ ok: true });
  expect(real('home/bob/public_html/out/a.txt')).toBe('one');
});

it('a full quota refuses what is written', () => {
  m1.whm('editquota', { user: 'bob', quota: 1 });
  expect(save('big.txt', 'x'.repeat(2 * 1024 * 1024))).toMatchObject({ ok: false, reason: 'Disk quota exceeded' });
});

it('redirects and blocked addresses stand in .htaccess, and lines of others stay', () => {
  save('.htaccess', '# mine\n');
  const add = m1.uapi('bob', 'Mime::add_redirect', {
    domain: 'bob.example',
    redirect: 'https://new.example/a.b',
    src: '/old',
    type: 'temp',
  });
  expect(add).toMatchObject({ ok: true });
  m1.uapi('bob', 'BlockIP::add_ip', { ip: '192.0.2.7' });
  expect(m1.data(m1.uapi('bob', 'Mime::list_redirects'))).toMatchObject([
    { domain: 'bob.example', source: '/old', destination: 'https://new.example/a.b', type: 'temporary', matchwww: 1 },
  ]);
  expect(real('home/bob/public_html/.htaccess')).toMatch(/# mine[\s\S]*deny from 192\.0\.2\.7/);
  expect(m1.uapi('bob', 'Mime::delete_redirect', { domain: 'bob.example', src: '/old' })).toMatchObject({ ok: true });
  expect(m1.data(m1.uapi('bob', 'Mime::list_redirects'))).toEqual([]);
  expect(m1.uapi('bob', 'BlockIP::remove_ip', { ip: '192.0.2.7' })).toMatchObject({ ok: true });
  expect(real('home/bob/public_html/.htaccess')).toBe('# mine\n');
  expect(m1.uapi('bob', 'Mime::add_redirect', { domain: 'eve.example', redirect: 'https://x.example/' })).toMatchObject(
    {
      ok: false,
    },
  );
});

it('a protected folder has its users in a file outside of the site', () => {
  m1.api2('bob', 'Fileman::mkdir', { path: '/home/bob/public_html', name: 'private' });
  const dir = '/home/bob/public_html/private';
  m1.uapi('bob', 'DirectoryPrivacy::configure_directory_protection', { dir, authname: 'Ours', enabled: 1 });
  m1.uapi('bob', 'DirectoryPrivacy::add_user', { dir, user: 'ann', password: 'x' });
  expect(m1.data(m1.uapi('bob', 'DirectoryPrivacy::list_users', { dir }))).toEqual(['ann']);
  expect(real('home/bob/.htpasswds/public_html/private/passwd')).toMatch(/^ann:\{SHA\}/);
  expect(m1.data(m1.uapi('bob', 'DirectoryPrivacy::list_directories', { dir: 'public_html' }))).toMatchObject({
    children: [{ path: dir, state: { protected: 1, auth_name: 'Ours' } }],
  });
});

it('a backup is a real archive, and its files come back from it', () => {
  save('a.txt', 'before');
  m1.uapi('bob', 'Backup::fullbackup_to_homedir', {});
  const [row] = m1.data(m1.api2('bob', 'Backups::listfullbackups')) as { file: string; status: string }[];
  expect(row).toMatchObject({ status: 'inprogress' });
  save('a.txt', 'after');
  expect(m1.uapi('bob', 'Backup::restore_files', { backup: `/home/bob/${row?.file}` })).toMatchObject({ ok: true });
  expect(real('home/bob/public_html/a.txt')).toBe('before');
});

it('a version of PHP that is not installed is refused, and a site follows the standard until it has its own', () => {
  m1.engine.change(() => m1.engine.state.of(phpServer).set('server', { versions: ['ea-php82'], standard: 'ea-php82' }));
  const set = (version: string) => m1.uapi('bob', 'LangPHP::php_set_vhost_versions', { version, vhost: 'bob.example' });
  expect(set('ea-php99')).toMatchObject({ ok: false });
  expect(set('ea-php82')).toMatchObject({ ok: true });
  expect(m1.data(m1.uapi('bob', 'LangPHP::php_get_vhost_versions'))).toMatchObject([
    { vhost: 'bob.example', version: 'ea-php82', phpversion_source: { domain: 'bob.example' } },
  ]);
});

it('what the feature list switches off is refused', () => {
  m1.whm('create_featurelist', { featurelist: 'small', filemanager: 0, cron: 0 });
  m1.whm('addpkg', { name: 'small', featurelist: 'small' });
  m1.whm('changepackage', { user: 'bob', pkg: 'small' });
  expect(save('a.txt', 'x')).toEqual({ ok: false, reason: 'You do not have the feature “filemanager”.' });
  expect(m1.api2('bob', 'Cron::listcron')).toMatchObject({ ok: false });
  expect(m1.uapi('bob', 'Mime::list_redirects')).toMatchObject({ ok: true });
});

it('the files go with the account', () => {
  save('a.txt', 'x');
  m1.whm('modifyacct', { user: 'bob', newuser: 'rob' });
  expect(real('home/rob/public_html/a.txt')).toBe('x');
  m1.whm('removeacct', { username: 'rob' });
  expect(() => real('home/rob/public_html/a.txt')).toThrow(/ENOENT/);
});
