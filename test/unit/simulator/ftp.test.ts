import { describe, expect, it } from 'vitest';
import { ftpAccounts } from '../../../src/simulator/modules/ftp-store.ts';
import { account, type Given, strong, type TestServer, testServer } from './server.ts';

type Row = Readonly<Record<string, unknown>>;

function server(more: Given = {}): TestServer {
  const m1 = testServer('m1', '192.0.2.1');
  account('bob', [m1], more);
  return m1;
}

function subs(m1: TestServer, user = 'bob'): readonly Row[] {
  return m1.data(m1.uapi(user, 'Ftp::list_ftp', { include_acct_types: 'sub' })) as readonly Row[];
}

const files = { user: 'files', domain: 'bob.example', pass: strong, homedir: 'public_html/files', quota: 100 };

describe('FTP accounts', () => {
  it('are added beside those that every account has', () => {
    const m1 = server();
    m1.data(m1.uapi('bob', 'Ftp::add_ftp', files));
    expect((m1.data(m1.uapi('bob', 'Ftp::list_ftp')) as readonly Row[]).map((r) => [r['user'], r['type']])).toEqual([
      ['bob', 'main'],
      ['ftp', 'anonymous'],
      ['anonymous', 'anonymous'],
      ['bob_logs', 'logaccess'],
      ['files@bob.example', 'sub'],
    ]);
    expect(m1.data(m1.uapi('bob', 'Ftp::list_ftp_with_disk', { include_acct_types: 'sub' }))).toEqual([
      {
        _diskquota: '100.00',
        _diskused: '0',
        accttype: 'sub',
        deleteable: 1,
        dir: '/home/bob/public_html/files',
        diskquota: '100.00',
        diskused: '0.00',
        diskusedpercent: 0,
        diskusedpercent20: 0,
        htmldir: '/home/bob/public_html/files',
        humandiskquota: '100\u00a0MB',
        humandiskused: 'None',
        login: 'files',
        reldir: 'public_html/files',
        serverlogin: 'files@bob.example',
      },
    ]);
  });

  it('are not added twice', () => {
    const m1 = server();
    m1.data(m1.uapi('bob', 'Ftp::add_ftp', files));
    expect(m1.uapi('bob', 'Ftp::add_ftp', files)).toMatchObject({
      ok: false,
      reason: 'The FTP account “files@bob.example” already exists.',
    });
    expect(subs(m1)).toHaveLength(1);
  });

  it('take a new password and quota', () => {
    const m1 = server();
    m1.data(m1.uapi('bob', 'Ftp::add_ftp', files));
    m1.data(m1.uapi('bob', 'Ftp::passwd', { user: 'files', domain: 'bob.example', pass: 'Zw4$kLm9-Pqe' }));
    m1.data(m1.uapi('bob', 'Ftp::set_quota', { user: 'files@bob.example', quota: 0 }));
    expect(m1.engine.state.of(ftpAccounts).get('files@bob.example')).toMatchObject({
      password: 'Zw4$kLm9-Pqe',
      quota: null,
    });
    expect(m1.data(m1.uapi('bob', 'Ftp::get_quota', { account: 'files', domain: 'bob.example' }))).toBe('unlimited');
  });

  it.each([
    ['outside of the home', { ...files, homedir: '../eve' }],
    ['with a weak password', { ...files, pass: 'abc' }],
    ['on a domain of nobody', { ...files, domain: 'far.example' }],
  ])('%s are refused', (_what, args) => {
    const m1 = server();
    expect(m1.uapi('bob', 'Ftp::add_ftp', args).ok).toBe(false);
    expect(subs(m1)).toEqual([]);
  });

  it('over the limit are refused', () => {
    const m1 = server({ maxftp: 1 });
    m1.data(m1.uapi('bob', 'Ftp::add_ftp', files));
    expect(m1.uapi('bob', 'Ftp::add_ftp', { ...files, user: 'two' }).ok).toBe(false);
  });

  it('are removed, by their own account only', () => {
    const m1 = server();
    account('eve', [m1], { uid: 2002, gid: 2002 });
    m1.data(m1.uapi('bob', 'Ftp::add_ftp', files));
    expect(m1.uapi('eve', 'Ftp::delete_ftp', { user: 'files@bob.example' }).ok).toBe(false);
    m1.data(m1.api2('bob', 'Ftp::delftp', { user: 'files@bob.example', destroy: 1 }));
    expect(subs(m1)).toEqual([]);
    expect(m1.referee.unknowns()).toEqual({ functions: {}, parameters: {} });
  });

  it('follow a new user name and go with the account', () => {
    const m1 = server();
    m1.data(m1.uapi('bob', 'Ftp::add_ftp', files));
    m1.data(m1.whm('modifyacct', { user: 'bob', newuser: 'rob' }));
    expect(subs(m1, 'rob')).toEqual([
      { homedir: '/home/rob/public_html/files', type: 'sub', user: 'files@bob.example' },
    ]);
    m1.data(m1.whm('removeacct', { username: 'rob' }));
    expect(m1.engine.state.of(ftpAccounts).size).toBe(0);
  });
});
