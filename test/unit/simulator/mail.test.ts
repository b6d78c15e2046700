import { describe, expect, it } from 'vitest';
import { account, type Given, strong, type TestServer, testServer } from './server.ts';

type Row = Readonly<Record<string, unknown>>;

function server(more: Given = {}): TestServer {
  const m1 = testServer('m1', '192.0.2.1');
  account('bob', [m1], more);
  return m1;
}

function rows(m1: TestServer, fn: string, args: Given = {}): readonly Row[] {
  return m1.data(m1.uapi('bob', fn, args)) as readonly Row[];
}

const info = { email: 'info', domain: 'bob.example', password: strong };

describe('mailboxes', () => {
  it('are added, seen in both lists, and not added twice', () => {
    const m1 = server();
    expect(m1.data(m1.uapi('bob', 'Email::add_pop', { ...info, quota: 100 }))).toBe('info+bob.example');
    expect(m1.uapi('bob', 'Email::add_pop', info)).toMatchObject({
      ok: false,
      reason: 'The account info@bob.example already exists!',
    });
    expect(rows(m1, 'Email::list_pops').map((r) => r['login'])).toEqual(['Main Account', 'info@bob.example']);
    expect(rows(m1, 'Email::list_pops', { skip_main: 1 })).toHaveLength(1);
    expect(rows(m1, 'Email::list_pops_with_disk', { domain: 'bob.example' })).toMatchObject([
      {
        email: 'info@bob.example',
        user: 'info',
        _diskquota: 104_857_600,
        diskquota: '100',
        humandiskquota: '100\u00a0MB',
      },
    ]);
  });

  it('without a quota limit read as unlimited', () => {
    const m1 = server();
    m1.uapi('bob', 'Email::add_pop', { ...info, quota: 0 });
    expect(rows(m1, 'Email::list_pops_with_disk')).toMatchObject([
      { _diskquota: 0, diskquota: 'unlimited', humandiskquota: 'None' },
    ]);
  });

  it('take a new quota and a new password', () => {
    const m1 = server();
    m1.uapi('bob', 'Email::add_pop', info);
    m1.data(m1.uapi('bob', 'Email::edit_pop_quota', { email: 'info', domain: 'bob.example', quota: 50 }));
    expect(m1.data(m1.uapi('bob', 'Email::get_pop_quota', { email: 'info@bob.example' }))).toBe(50);
    m1.data(m1.uapi('bob', 'Email::passwd_pop', { ...info, password: 'Zw4$kLm9-Pqe' }));
    expect(m1.uapi('bob', 'Email::verify_password', { email: 'info@bob.example', password: strong }).ok).toBe(false);
    expect(
      m1.data(m1.uapi('bob', 'Email::verify_password', { email: 'info@bob.example', password: 'Zw4$kLm9-Pqe' })),
    ).toBe(1);
  });

  it.each([
    ['on a domain of nobody', { ...info, domain: 'far.example' }],
    ['with a weak password', { ...info, password: 'abc' }],
    ['with a blank in the name', { ...info, email: 'in fo' }],
    ['with a quota that is no number', { ...info, quota: 'much' }],
    ['without a password', { email: 'info', domain: 'bob.example' }],
  ])('%s are refused and nothing is there', (_what, args) => {
    const m1 = server();
    expect(m1.uapi('bob', 'Email::add_pop', args).ok).toBe(false);
    expect(rows(m1, 'Email::list_pops', { skip_main: 1 })).toEqual([]);
  });

  it('say the words of a weak password', () => {
    expect(server().uapi('bob', 'Email::add_pop', { ...info, password: 'abc' })).toMatchObject({
      reason:
        'Sorry, the password you selected cannot be used because it is too weak and would be too easy to guess.  Please select a password with strength rating of 65 or higher.',
    });
  });

  it('are counted against the account’s limit, and their quotas against its largest', () => {
    const m1 = server({ maxpop: 1, max_emailacct_quota: 200 });
    expect(m1.uapi('bob', 'Email::add_pop', { ...info, quota: 300 }).ok).toBe(false);
    expect(m1.uapi('bob', 'Email::add_pop', { ...info, quota: 0 }).ok).toBe(false);
    expect(m1.uapi('bob', 'Email::add_pop', { ...info, quota: 200 }).ok).toBe(true);
    expect(m1.uapi('bob', 'Email::add_pop', { ...info, email: 'two', quota: 1 }).ok).toBe(false);
  });

  it('of one account cannot be reached from another', () => {
    const m1 = server();
    account('eve', [m1], { uid: 2002, gid: 2002 });
    m1.uapi('bob', 'Email::add_pop', info);
    expect(m1.uapi('eve', 'Email::delete_pop', { email: 'info@bob.example' }).ok).toBe(false);
    expect(rows(m1, 'Email::list_pops', { skip_main: 1 })).toHaveLength(1);
  });

  it('are suspended and set free one way at a time', () => {
    const m1 = server();
    m1.uapi('bob', 'Email::add_pop', info);
    m1.data(m1.uapi('bob', 'Email::suspend_login', { email: 'info@bob.example' }));
    expect(rows(m1, 'Email::list_pops', { skip_main: 1 })).toMatchObject([
      { suspended_login: 1, suspended_incoming: 0 },
    ]);
    m1.data(m1.uapi('bob', 'Email::unsuspend_login', { email: 'info@bob.example' }));
    m1.data(m1.uapi('bob', 'Email::suspend_incoming', { email: 'info@bob.example' }));
    expect(rows(m1, 'Email::list_pops', { skip_main: 1 })).toMatchObject([
      { suspended_login: 0, suspended_incoming: 1 },
    ]);
  });

  it('are there through API 2 as through UAPI', () => {
    const m1 = server();
    expect(m1.data(m1.api2('bob', 'Email::addpop', { ...info, quota: 10 }))).toEqual([{ result: 1, reason: '' }]);
    expect(m1.data(m1.api2('bob', 'Email::listpopswithdisk', { domain: 'bob.example' }))).toMatchObject([
      { email: 'info@bob.example', _diskquota: '10485760' },
    ]);
    expect(m1.data(m1.api2('bob', 'Email::delpop', { domain: 'bob.example', email: 'info' }))).toMatchObject([
      { result: 1 },
    ]);
    expect(m1.referee.unknowns()).toEqual({ functions: {}, parameters: {} });
  });
});

describe('forwarders', () => {
  const add = { domain: 'bob.example', email: 'sales', fwdopt: 'fwd', fwdemail: 'ann@far.example' };

  it('answer the same when they are there already, and are one', () => {
    const m1 = server();
    const first = m1.data(m1.uapi('bob', 'Email::add_forwarder', add));
    expect(first).toEqual([{ domain: 'bob.example', email: 'sales@bob.example', forward: 'ann@far.example' }]);
    expect(m1.data(m1.uapi('bob', 'Email::add_forwarder', add))).toEqual(first);
    expect(rows(m1, 'Email::list_forwarders', { domain: 'bob.example' })).toEqual([
      {
        dest: 'sales@bob.example',
        forward: 'ann@far.example',
        html_dest: 'sales@bob.example',
        html_forward: 'ann@far.example',
        uri_dest: 'sales%40bob.example',
        uri_forward: 'ann%40far.example',
      },
    ]);
  });

  it('are deleted by both ends', () => {
    const m1 = server();
    m1.uapi('bob', 'Email::add_forwarder', add);
    m1.uapi('bob', 'Email::add_forwarder', { ...add, fwdemail: 'ben@far.example' });
    m1.data(m1.uapi('bob', 'Email::delete_forwarder', { address: 'sales@bob.example', forwarder: 'ann@far.example' }));
    expect(rows(m1, 'Email::list_forwarders', { domain: 'bob.example' }).map((r) => r['forward'])).toEqual([
      'ben@far.example',
    ]);
  });

  it.each([
    ['fail', { fwdopt: 'fail', failmsgs: 'gone' }, ':fail: gone'],
    ['blackhole', { fwdopt: 'blackhole' }, ':blackhole:'],
    ['pipe', { fwdopt: 'pipe', pipefwd: 'bin/take' }, '|/home/bob/bin/take'],
  ])('of kind %s stand as the alias file has them', (_kind, more, target) => {
    const m1 = server();
    m1.data(m1.uapi('bob', 'Email::add_forwarder', { domain: 'bob.example', email: 'x', ...more }));
    expect(rows(m1, 'Email::list_forwarders', { domain: 'bob.example' })).toMatchObject([{ forward: target }]);
  });

  it('for whole domains are one per domain', () => {
    const m1 = server();
    m1.data(m1.uapi('bob', 'Email::add_domain_forwarder', { domain: 'bob.example', destdomain: 'far.example' }));
    expect(rows(m1, 'Email::list_domain_forwarders')).toEqual([{ dest: 'bob.example', forward: 'far.example' }]);
    m1.data(m1.uapi('bob', 'Email::delete_domain_forwarder', { domain: 'bob.example' }));
    expect(rows(m1, 'Email::list_domain_forwarders')).toEqual([]);
  });
});

describe('automatic answers', () => {
  const answer = {
    email: 'info',
    domain: 'bob.example',
    from: 'Bob',
    subject: 'Away',
    body: 'Back soon',
    interval: 8,
    is_html: 0,
    start: '',
    stop: '',
  };

  it('are written over, read back and removed', () => {
    const m1 = server();
    m1.data(m1.uapi('bob', 'Email::add_auto_responder', answer));
    m1.data(m1.uapi('bob', 'Email::add_auto_responder', { ...answer, subject: 'Gone' }));
    expect(rows(m1, 'Email::list_auto_responders', { domain: 'bob.example' })).toEqual([
      { email: 'info@bob.example', subject: 'Gone' },
    ]);
    expect(m1.data(m1.uapi('bob', 'Email::get_auto_responder', { email: 'info@bob.example' }))).toEqual({
      body: 'Back soon\n',
      charset: 'utf-8',
      from: 'Bob',
      interval: 8,
      is_html: 0,
      start: null,
      stop: null,
      subject: 'Gone',
    });
    m1.data(m1.uapi('bob', 'Email::delete_auto_responder', { email: 'info@bob.example' }));
    expect(m1.data(m1.uapi('bob', 'Email::count_auto_responders'))).toBe(0);
  });
});

describe('default addresses and routing', () => {
  it('fail unknown names until told otherwise', () => {
    const m1 = server();
    expect(rows(m1, 'Email::list_default_address', { user: 'bob' })).toEqual([
      { defaultaddress: '":fail: No Such User Here"', domain: 'bob.example' },
    ]);
    m1.data(
      m1.uapi('bob', 'Email::set_default_address', {
        domain: 'bob.example',
        fwdopt: 'fwd',
        fwdemail: 'bob@far.example',
      }),
    );
    expect(rows(m1, 'Email::list_default_address', { user: 'bob' })).toEqual([
      { defaultaddress: 'bob@far.example', domain: 'bob.example' },
    ]);
  });

  it('tell exchangers from the zone, and adding one that is there needs no change', () => {
    const m1 = server();
    const added = { domain: 'bob.example', exchanger: 'mx.far.example', priority: 5 };
    m1.data(m1.uapi('bob', 'Email::add_mx', added));
    expect(m1.data(m1.uapi('bob', 'Email::add_mx', added))).toMatchObject({
      status: 1,
      statusmsg: expect.stringContaining('No dns changes are required'),
    });
    expect(rows(m1, 'Email::list_mxs', { domain: 'bob.example' })).toMatchObject([
      {
        domain: 'bob.example',
        mx: 'bob.example',
        detected: 'local',
        mxcheck: 'auto',
        entries: [{ priority: 0 }, { mx: 'mx.far.example', priority: 5 }],
      },
    ]);
    m1.data(m1.uapi('bob', 'Email::delete_mx', { domain: 'bob.example', exchanger: 'bob.example', priority: 0 }));
    expect(rows(m1, 'Email::list_mxs', { domain: 'bob.example' })).toMatchObject([
      { detected: 'remote', local: 0, remote: 1 },
    ]);
  });
});

describe('mail of an account', () => {
  function full(): TestServer {
    const m1 = server();
    m1.data(m1.uapi('bob', 'Email::add_pop', info));
    m1.data(m1.uapi('bob', 'Email::add_forwarder', { domain: 'bob.example', email: 'sales', fwdopt: 'blackhole' }));
    return m1;
  }

  it('goes with it, and a later namesake finds nothing', () => {
    const m1 = full();
    m1.data(m1.whm('removeacct', { username: 'bob' }));
    account('bob', [m1]);
    expect(rows(m1, 'Email::list_pops', { skip_main: 1 })).toEqual([]);
    expect(rows(m1, 'Email::list_forwarders', { domain: 'bob.example' })).toEqual([]);
  });

  it('follows a new user name and a new main domain', () => {
    const m1 = full();
    m1.data(m1.whm('modifyacct', { user: 'bob', newuser: 'rob' }));
    expect(m1.data(m1.whm('list_pops_for', { user: 'rob' }))).toEqual({ pops: ['info@bob.example'] });
    m1.data(m1.whm('modifyacct', { user: 'rob', domain: 'rob.example' }));
    expect(m1.data(m1.whm('list_pops_for', { user: 'rob' }))).toEqual({ pops: ['info@rob.example'] });
  });
});
