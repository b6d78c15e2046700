import { describe, expect, it } from 'vitest';
import { blockedIn } from '../../../src/actions/block/seen.ts';
import { action, both, no, ok, type Row } from './support.ts';

const content = (text: string) => ok({ content: text, filename: 'a.txt' });
const info = () => ok({ type: 'file', size: 3, mtime: 1700000000, nicemode: '0644' });

const rows: readonly (readonly [string, ...Row])[] = [
  [
    'redirect.add',
    'is made',
    { account: 'bob', domain: 'bob.example', path: 'old', to: 'https://new.example/' },
    [ok([])],
    false,
    [
      'Mime::add_redirect@bob domain=bob.example src=/old redirect=https://new.example/ type=permanent redirect_wildcard=0 redirect_www=0',
    ],
  ],
  [
    'redirect.add',
    'is settled on ours',
    { account: 'bob', domain: 'bob.example', path: '/old', to: 'https://new.example/' },
    [ok([{ domain: 'bob.example', source: '/old', destination: 'https://new.example/', type: 'permanent' }])],
    true,
    'settled',
  ],
  [
    'redirect.delete',
    'is removed',
    { account: 'bob', domain: 'bob.example', path: '/old' },
    [ok([{ domain: 'bob.example', sourceurl: '/old', targeturl: 'https://new.example/', type: 'permanent' }])],
    false,
    ['Mime::delete_redirect@bob domain=bob.example src=/old'],
  ],
  [
    'privacy.set',
    'protects',
    { account: 'bob', folder: 'public_html/in' },
    [ok({ protected: 0, auth_name: null })],
    false,
    ['DirectoryPrivacy::configure_directory_protection@bob dir=public_html/in authname=Private enabled=1'],
  ],
  [
    'privacy.set',
    'opens again, whatever its name was',
    { account: 'bob', folder: 'public_html/in', on: '0' },
    [ok({ protected: 0, auth_name: 'Ours' })],
    false,
    'settled',
  ],
  [
    'privacy-user.delete',
    'removes one',
    { account: 'bob', folder: 'in', user: 'ann' },
    [ok(['ann'])],
    false,
    ['DirectoryPrivacy::delete_user@bob dir=in user=ann'],
  ],
  [
    'block.add',
    'blocks',
    { account: 'bob', address: '192.0.2.7' },
    [no('The file “x” does not exist for the account.')],
    false,
    ['BlockIP::add_ip@bob ip=192.0.2.7'],
  ],
  [
    'block.delete',
    'refuses what is not blocked',
    { account: 'bob', address: '192.0.2.7' },
    [content('deny from 192.0.2.8\n')],
    false,
    'refused: 192.0.2.7 is not blocked.',
  ],
  [
    'backup.make',
    'is made',
    { account: 'bob' },
    [ok([{ file: 'x', status: 'complete' }])],
    false,
    ['Backup::fullbackup_to_homedir@bob homedir=include'],
  ],
  [
    'backup.make',
    'is one at a time',
    { account: 'bob' },
    [ok([{ file: 'x', status: 'inprogress' }])],
    false,
    'refused: A backup is being made already.',
  ],
  [
    'backup.restore-files',
    'brings files back',
    { account: 'bob', backup: 'backup-9.26.2012_14-21-14_bob.tar.gz', folder: 'old' },
    [info()],
    false,
    ['Backup::restore_files@bob backup=backup-9.26.2012_14-21-14_bob.tar.gz directory=old'],
  ],
  [
    'php.version',
    'is set where it is installed',
    { account: 'bob', domain: 'bob.example', version: 'ea-php83' },
    [ok([{ vhost: 'bob.example', version: 'ea-php82' }]), ok({ versions: ['ea-php82', 'ea-php83'] })],
    false,
    ['LangPHP::php_set_vhost_versions@bob version=ea-php83 vhost=bob.example'],
  ],
  [
    'php.version',
    'is refused where it is not',
    { account: 'bob', domain: 'bob.example', version: 'ea-php84' },
    [ok([{ vhost: 'bob.example', version: 'ea-php82' }]), ok({ versions: ['ea-php82'] })],
    false,
    'refused: PHP ea-php84 is not installed.',
  ],
  [
    'php.settings',
    'sets only what differs',
    {
      account: 'bob',
      domain: 'bob.example',
      settings: [
        ['memory_limit', '256M'],
        ['display_errors', '0'],
      ],
    },
    [
      ok({
        directives: [
          { key: 'memory_limit', value: '128M' },
          { key: 'display_errors', value: 0 },
        ],
      }),
    ],
    false,
    ['LangPHP::php_ini_set_user_basic_directives@bob type=vhost vhost=bob.example directive=memory_limit:256M'],
  ],
  [
    'https.force',
    'is switched on',
    { account: 'bob', domain: 'bob.example' },
    [ok({ main_domain: { domain: 'bob.example', is_https_redirecting: 0 }, addon_domains: [], sub_domains: [] })],
    false,
    ['SSL::toggle_ssl_redirect_for_domains@bob domains=bob.example state=1'],
  ],
  [
    'https.force',
    'is settled',
    { account: 'bob', domain: 'bob.example', on: false },
    [ok({ main_domain: [{ domain: 'bob.example', is_https_redirecting: 0 }] })],
    false,
    'settled',
  ],
];

describe('sites, their folders and backups', () => {
  it.each(rows)('%s %s', (id, ...row) => {
    const { got, wanted } = both(id, row);
    expect(got).toEqual(wanted);
  });

  it.each(['file:///etc/passwd', 'javascript:alert(1)', 'https://a.example/"x', 'nothing'])('%s is no page', (to) => {
    const input = { account: 'bob', domain: 'bob.example', to };
    expect(action('redirect.add').params.safeParse(input).success).toBe(false);
  });

  it('blocked addresses are read from what cPanel and Apache write', () => {
    const text =
      '# x\nDeny from 192.0.2.1 192.0.2.2\n<RequireAll>\n Require not ip 2001:DB8::/32\n</RequireAll>\ndeny from 192.0.2.1\n';
    expect(blockedIn(text)).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::/32']);
  });
});

const job = { minute: '0', hour: '3', day: '*', month: '*', weekday: '*', command: 'php cron.php' };
const other = { ...job, command: 'php other.php' };
const crontab = (email: string, ...jobs: readonly Readonly<Record<string, string>>[]) =>
  ok([
    ...(email === '' ? [] : [{ type: 'variable', key: 'MAILTO', value: `"${email}"`, line: 1 }]),
    ...jobs.map((one, at) => ({ ...one, type: 'command', linekey: `key${at}`, commandnumber: at + 1 })),
    { count: jobs.length + 1 },
  ]);
const add = (command: string) => `Cron::add_line@bob minute=0 hour=3 day=* month=* weekday=* command=${command}`;

const cronRows: readonly Row[] = [
  [
    'the jobs stand on the master that runs them, and on no other',
    { account: 'bob', jobs: [job], runsOn: 'm1', email: 'a@b.example' },
    [crontab('')],
    false,
    ({ master }) => (master.id === 'm1' ? [add('php cron.php'), 'Cron::set_email@bob email=a@b.example'] : 'settled'),
  ],
  [
    'what ran elsewhere is taken away there',
    { account: 'bob', jobs: [job], runsOn: 'm2', email: '' },
    [crontab('', job, other)],
    false,
    ({ master }) =>
      master.id === 'm2'
        ? ['Cron::remove_line@bob linekey=key1']
        : ['Cron::remove_line@bob linekey=key0', 'Cron::remove_line@bob linekey=key1'],
  ],
  [
    'an equal table is settled',
    { account: 'bob', jobs: [job], runsOn: 'm1' },
    [crontab('', job)],
    true,
    ({ master }) => (master.id === 'm1' ? 'settled' : ['Cron::remove_line@bob linekey=key0']),
  ],
];

describe('cron.set', () => {
  it.each(cronRows)('%s', (...row) => {
    const { got, wanted } = both('cron.set', row);
    expect(got).toEqual(wanted);
  });

  it.each([{ minute: '61;rm' }, { hour: '' }, { command: 'a\nb' }])('refuses %j', (bad) => {
    const input = { account: 'bob', jobs: [{ ...job, ...bad }], runsOn: 'm1' };
    expect(action('cron.set').params.safeParse(input).success).toBe(false);
  });
});
