import { describe, expect, it } from 'vitest';
import { actionOf } from '../../../src/actions/index.ts';
import { customerActor, customerKey, customerReach } from '../../../src/auth/customers.ts';
import { whyNot } from '../../../src/auth/may.ts';
import { mastersOf } from '../../../src/masters.ts';
import type { LegView, OperationView } from '../../../src/operations/model.ts';
import { askable, deciding, decidingMailbox, passwordCheck } from '../../../src/roles/customers/passwords.ts';
import { ownSubs } from '../../../src/routes/customer/pages/domains/list.ts';
import {
  lockOf,
  touchedLocks,
  unveiled,
  veiled,
  within,
} from '../../../src/routes/customer/pages/domains/zone-words.ts';
import { secondsOf } from '../../../src/routes/customer/pages/mail/autoresponders.ts';
import { ownOf } from '../../../src/routes/customer/pages/mail/delivery.ts';
import { copySentences } from '../../../src/routes/customer/place.ts';
import { agoIn, sizeIn } from '../../../src/routes/customer/present/time.ts';
import { meaningOf } from '../../../src/whm/account-sign-in.ts';

const masters = mastersOf([
  { id: 'm1', name: 'M1', site: 'London', hostname: 'm1.example.net', address: '192.0.2.1' },
  { id: 'm2', name: 'M2', site: 'Amsterdam', hostname: 'm2.example.net', address: '198.51.100.1' },
]);
const up = { state: 'reachable' };
const both = [
  { id: 'm1', ...up },
  { id: 'm2', ...up },
];

function open(action: string, m1: LegView['state'], m2: LegView['state']) {
  const leg = (master: string, state: LegView['state']): LegView => ({
    id: master,
    master,
    state,
    attempts: 0,
    choices: [],
    answers: [],
  });
  return { action, legs: [leg('m1', m1), leg('m2', m2)] };
}

describe('the master that is asked for a password', () => {
  it.each([
    ['the active one', both, [], 'm2', ['m2', 'm1']],
    [
      'the other, while the active one waits for the new password',
      both,
      [open('account.password', 'done', 'ready')],
      'm2',
      ['m1'],
    ],
    ['nobody, while neither has it', both, [open('account.password', 'ready', 'waiting')], 'm1', []],
    ['not one that is yet to suspend it, held or in doubt', both, [open('account.suspend', 'held', 'doubt')], 'm1', []],
    ['either, whatever else is unfinished', both, [open('mailbox.add', 'ready', 'waiting')], 'm1', ['m1', 'm2']],
    [
      'a skipped leg changes nothing there any more',
      both,
      [open('account.password', 'done', 'skipped')],
      'm1',
      ['m1', 'm2'],
    ],
    [
      'none that cannot be reached or is parked',
      [
        { id: 'm1', state: 'unreachable' },
        { id: 'm2', state: 'parked' },
      ],
      [],
      'm1',
      [],
    ],
  ] as const)('is %s', (_what, list, operations, active, wanted) => {
    expect(askable(list, operations, active)).toEqual(wanted);
  });
});

it('is not the one that has a new password yet to get, however much else is open', async () => {
  const view = (n: number): OperationView => {
    const asked = n === 449 ? open('account.password', 'done', 'ready') : open('mailbox.add', 'done', 'done');
    // Cast: nothing else of a view is looked at.
    return { ...asked, id: String(n) } as unknown as OperationView;
  };
  const all = Array.from({ length: 450 }, (_, n) => view(n));
  const tried: string[] = [];
  const check = passwordCheck({
    operations: {
      list: async ({ before, limit = 50 } = {}) => {
        const from = before === undefined ? 0 : Number(before) + 1;
        return all.slice(from, from + limit);
      },
    },
    reads: {
      status: async () => ({ masters: both, at: '' }) as never,
      accounts: async () => ({ rows: [{ user: 'bob', active: 'm2' }], readAt: '', from: 'm1' }) as never,
      call: async () => ({ outcome: { kind: 'not-sent', reason: '' }, master: '' }),
    },
    signIn: async (master) => {
      tried.push(master);
      return 'right';
    },
    call: async () => ({ kind: 'not-sent', reason: '' }),
  });
  expect([await check.account('bob', 'x'), tried]).toEqual(['right', ['m1']]);
});

it('what decides a sign-in are actions that there are', () => {
  for (const id of [...deciding, ...decidingMailbox]) expect([id, actionOf(id)?.id]).toEqual([id, id]);
  expect([...decidingMailbox]).toContain('mailbox.access');
});

describe('cPanel’s answer to a sign-in', () => {
  it.each([
    ['right', 200, '{"status":1,"security_token":"/cpsess1","redirect":"/"}'],
    ['wrong', 401, '{"status":0,"message":"invalid_login"}'],
    ['wrong', 403, 'denied'],
    ['code', 200, '<form id="tfa_login_form">'],
    ['unknown', 200, '<html>licence</html>'],
    ['unknown', 200, '{"status":1}'],
    ['unknown', 503, ''],
  ] as const)('%s', (meaning, status, text) => {
    expect(meaningOf(status, text)).toBe(meaning);
  });
});

const owner = { account: 'bob', role: 'owner', name: 'bob' } as const;
const builder = { account: 'bob', role: 'builder', name: 'ana@firm.example', collaborator: '01ANA' } as const;
const box = { account: 'bob', role: 'mailbox', name: 'info@bob.example' } as const;
const mailbox = (id: string) => ({ id, audience: ['customer', 'mailbox-user'] });

describe('what a customer may do', () => {
  const own = { kind: 'account', account: 'bob', mailbox: 'info@bob.example' } as const;
  it.each([
    ['an owner, in the account', owner, mailbox('forwarder.add'), own, true],
    ['an owner, in another account', owner, mailbox('forwarder.add'), { kind: 'account', account: 'eve' }, false],
    ['an owner, what is not for customers', owner, { id: 'account.suspend', audience: ['staff'] }, own, false],
    ['who builds, a domain', builder, { id: 'domain.add-sub', audience: ['customer'] }, own, true],
    ['who builds, mail', builder, mailbox('forwarder.add'), own, false],
    ['who builds, the account’s password', builder, { id: 'account.password', audience: ['customer'] }, own, false],
    ['a mailbox user, its mailbox', box, mailbox('forwarder.add'), own, true],
    ['a mailbox user, another mailbox', box, mailbox('forwarder.add'), { ...own, mailbox: 'ann@bob.example' }, false],
    ['a mailbox user, the whole account', box, mailbox('mail-filter.set'), { kind: 'account', account: 'bob' }, false],
    ['a mailbox user, what is for owners', box, { id: 'mailbox.quota', audience: ['customer'] }, own, false],
  ] as const)('%s', (_what, who, action, subject, allowed) => {
    expect(whyNot(customerActor(who, ''), action, subject) === undefined).toBe(allowed);
  });

  it('staff who look on stay who they are, and keep away from who may sign in', () => {
    const staff = { kind: 'person', name: 'ana', role: 'support', scope: 'all' } as const;
    const as = { ...owner, staff: { name: 'ana', reason: 'asked to' } };
    const actor = customerActor(as, '127.0.0.1', staff);
    expect(actor).toMatchObject({ kind: 'person', name: 'ana', role: 'support', scope: { account: 'bob' } });
    expect(whyNot(actor, { ...mailbox('mailbox.delete'), destroys: ['mail'] }, own)).toBeDefined();
    expect([customerReach(as, 'people'), customerReach(as, 'own'), customerReach(as, 'mail')]).toEqual([
      'see',
      'none',
      'change',
    ]);
  });

  it('keys are short, and never a person’s name', () => {
    const long = { ...box, name: `${'x'.repeat(60)}@bob.example` };
    const keys = [owner, builder, box, long, { ...owner, staff: { name: 'ana', reason: '' } }].map(customerKey);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^(?=.{1,64}$)\w+\//);
  });
});

const a = { name: 'www.bob.example.', type: 'A', ttl: 60, data: ['192.0.2.1'] };
const none = { add: [], remove: [], edit: [], same: 0 };

describe('a zone as its customer sees it', () => {
  it.each([
    ['an address of a master moves', a, 'moves'],
    ['another address does not', { ...a, data: ['203.0.113.9'] }, undefined],
    ['the zone’s name servers are its own', { ...a, name: 'bob.example.', type: 'NS', data: ['ns1.x.'] }, 'own'],
    ['a delegation is not', { ...a, name: 'lab.bob.example.', type: 'NS', data: ['ns1.x.'] }, undefined],
    ['its head is its own', { ...a, type: 'SOA' }, 'own'],
  ] as const)('%s', (_what, record, lock) => {
    expect(lockOf(masters, 'bob.example', record)).toBe(lock);
  });

  it('a change that takes a locked record away is told from one that adds to it', () => {
    expect([...touchedLocks(masters, 'bob.example', { ...none, add: [a] })]).toEqual([]);
    expect([...touchedLocks(masters, 'bob.example', { ...none, remove: [a] })]).toEqual(['moves']);
    expect([...touchedLocks(masters, 'bob.example', { ...none, edit: [{ from: a, to: { ...a, ttl: 300 } }] })]).toEqual(
      ['moves'],
    );
  });

  it('a master’s own name is veiled, and comes back as the first master’s', () => {
    const record = {
      name: '_caldav._tcp.bob.example.',
      type: 'SRV',
      ttl: 60,
      data: ['0', '0', '2079', 'm2.example.net.'],
    };
    const [seen] = veiled(masters, [record]);
    expect(JSON.stringify(seen)).not.toContain('example.net');
    expect(lockOf(masters, 'bob.example', seen ?? record)).toBe('moves');
    expect(unveiled(masters, (seen?.data ?? []).join(' '))).toBe('0 0 2079 m1.example.net.');
  });

  it.each([
    ['www.bob.example.', 'www'],
    ['bob.example.', 'bob.example'],
    ['notbob.example.', 'notbob.example.'],
  ])('%s is %s within it', (name, shown) => {
    expect(within('bob.example', name)).toBe(shown);
  });
});

describe('lists', () => {
  it('the subdomain that carries an addon domain is nobody’s to see', () => {
    const domains = {
      main_domain: 'bob.example',
      addon_domains: ['shop.test'],
      parked_domains: [],
      sub_domains: ['shop.bob.example', 'blog.bob.example'],
    };
    expect(ownSubs(domains)).toEqual(['blog.bob.example']);
  });

  it('deliveries are the account’s own, whatever a server answers', () => {
    const row = (user: string, sender: string, recipient: string) => ({ user, sender, recipient, master: 'm1' });
    const rows = [
      row('bob', 'info@bob.example', 'x@else.test'),
      row('bob', 'x@else.test', 'INFO@BOB.example'),
      row('bob', 'bob', 'x@else.test'),
      row('eve', 'info@bob.example', 'x@else.test'),
      row('bob', 'a@eve.example', 'b@eve.example'),
    ];
    expect(ownOf(rows, 'bob', ['bob.example'])).toEqual(rows.slice(0, 3));
  });
});

describe('words about copies and times', () => {
  const chip = (state: 'in-step' | 'queued' | 'unseen') => [{ master: 'm2', state, sentence: '' }];
  it.each([
    ['in step', 'in-step', {}, 'The copy in Amsterdam is in step.'],
    ['a moment behind is in step', 'in-step', { filesBehind: 4 }, 'The copy in Amsterdam is in step.'],
    [
      'the larger of both',
      'in-step',
      { filesBehind: 9, databasesBehind: 40 },
      'The copy in Amsterdam is 40 seconds behind.',
    ],
    ['long behind', 'in-step', { filesBehind: 7400 }, 'The copy in Amsterdam is 2 hours behind.'],
    ['waiting', 'queued', { filesBehind: 9 }, 'The copy in Amsterdam has not got everything yet.'],
    ['away', 'unseen', {}, 'The copy in Amsterdam cannot be reached; it catches up by itself.'],
  ] as const)('%s', (_what, state, lag, sentence) => {
    expect(copySentences({ masters }, 'en', { active: 'm1', ...lag }, chip(state))).toEqual([sentence]);
  });

  it('ages and sizes in the reader’s language', () => {
    const now = Date.UTC(2026, 4, 6, 14, 0, 0);
    expect(agoIn('en', new Date(now - 300_000).toISOString(), now).text).toBe('5 minutes ago');
    expect(agoIn('de', new Date(now - 300_000).toISOString(), now).text).toBe('vor 5 Minuten');
    expect([sizeIn('en', 1_610_612_736), sizeIn('de', 1_610_612_736)]).toEqual(['1.5 GB', '1,5 GB']);
  });

  it('days begin and end at midnight UTC', () => {
    expect([
      secondsOf('2026-05-06', false),
      secondsOf('2026-05-06', true),
      secondsOf('', true),
      secondsOf('never', false),
    ]).toEqual([Date.UTC(2026, 4, 6) / 1000, Date.UTC(2026, 4, 6, 23, 59, 59) / 1000, 0, 'never']);
  });
});
