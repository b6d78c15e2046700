import { describe, expect, it } from 'vitest';
import { actionOf } from '../../../src/actions/index.ts';
import { kindOf, kinds } from '../../../src/drift/kinds/index.ts';
import { callKey, type Kind, type Value } from '../../../src/drift/model.ts';
import { mastersOf } from '../../../src/masters.ts';
import type { BatchAnswer } from '../../../src/whm/batch.ts';
import { whm } from '../../../src/whm/call.ts';

const masters = mastersOf([
  { id: 'm1', name: 'M1', site: 'a', hostname: 'm1.example.net', address: '192.0.2.1' },
  { id: 'm2', name: 'M2', site: 'b', hostname: 'm2.example.net', address: '198.51.100.2' },
]);

const pem = '-----BEGIN PRIVATE KEY-----\nMIIBbm9ib2R5\n-----END PRIVATE KEY-----\n';
const crt = '-----BEGIN CERTIFICATE-----\nMIIBbm9ib2R5\n-----END CERTIFICATE-----\n';
/** What a master tells when a repair asks it for what findings do not hold. */
const fetched: Readonly<Record<string, unknown>> = {
  'Fileman::get_file_content': { content: 'ann:$6$salt$hash:19000::::::\n' },
  fetch_dkim_private_keys: { payload: [{ domain: 'bob.example', pem }] },
  fetchsslinfo: { crt, key: pem, cab: null },
};

function repairOf(kind: Kind, name: string, from: Value | undefined, to: Value | undefined): string {
  const input = { account: 'bob', name, from: { master: 'm1', value: from }, to: { master: 'm2', value: to }, masters };
  const answers = (kind.fetch?.(input) ?? []).map((call): BatchAnswer => ({ ok: true, data: fetched[call.fn] }));
  const planned = kind.repair({ ...input, fetched: answers });
  if (!planned.ok) return 'no';
  for (const step of planned.steps) {
    // What a repair asks for must be something that its action takes.
    const params = Object.fromEntries(
      Object.entries(step.params).filter(([, v]) => v !== undefined && v !== null && v !== ''),
    );
    expect(actionOf(step.action)?.params.safeParse(params).error?.message, step.action).toBeUndefined();
    expect(step.sentence).not.toBe('');
  }
  return planned.steps.map((s) => `${s.action}${s.removes ? ' removes' : ''} @${s.only.join('+')}`).join(', ');
}

const account: Value = {
  'main domain': 'bob.example',
  owner: 'root',
  package: 'gold',
  suspended: 'no',
  contact: 'a@b.example',
  shell: 'no',
  quota: '500M',
  'user id': '1001',
};
const pgGrant = ['postgres-user.grant @m2', 'postgres-user.revoke removes @m2'] as const;
const pkg: Value = { quotaMb: '500', maxMailboxes: 'unlimited', shell: 'n' };
const responder: Value = {
  ...{ from: 'Ann', subject: 'Away', text: 'Soon', html: 'no' },
  ...{ 'every hours': '24', start: '0', stop: '0' },
};
const box: Value = { 'quota (MB)': '250', 'sign-in suspended': 'no', 'delivery suspended': 'no' };
const set = (data: string, ttl = '300'): Value => ({ data, ttl });
const certificate: Value = {
  account: 'bob',
  certificate: 'x',
  until: '2027-01-01 00:00',
  names: 'bob.example',
  issuer: 'CA',
};
const own: Value = { www1: 'A 192.0.2.1', www2: 'A 198.51.100.2', complete: 'yes' };
const spf = (all: string): Value => ({ record: 'v=spf1 +a ~all', 'names every master': all });
const reseller: Value = {
  'most accounts': '5',
  'disk (MB)': 'none',
  'traffic (MB)': 'none',
  'may oversell disk': 'no',
  'may oversell traffic': 'no',
};

/** Kind, thing, what M1 and M2 show, what makes M2 like M1, and what makes M1 like M2 (the roles of m1 and m2 change). */
const rows: readonly (readonly [string, string, Value | undefined, Value | undefined, string, string])[] = [
  ['account', 'bob', account, undefined, 'no', 'no'],
  ['account', 'bob', account, { ...account, contact: 'x@y.example' }, 'account.modify @m2', 'account.modify @m2'],
  [
    'account',
    'bob',
    account,
    { ...account, package: 'basic' },
    'account.change-package @m2',
    'account.change-package @m2',
  ],
  ['account', 'bob', account, { ...account, suspended: 'yes' }, 'account.unsuspend @m2', 'account.suspend @m2'],
  ['account', 'bob', account, { ...account, 'user id': '1002' }, 'no', 'no'],
  ['package', 'gold', pkg, undefined, 'package.add @m2', 'package.delete removes @m2'],
  ['package', 'gold', pkg, { ...pkg, quotaMb: '900' }, 'package.edit @m2', 'package.edit @m2'],
  ['feature-list', 'lean', { on: 'cron', off: 'ssh' }, undefined, 'whm.call @m2, whm.call @m2', 'no'],
  ['feature-list', 'lean', { on: 'cron', off: 'ssh' }, { on: 'cron, ssh', off: '' }, 'whm.call @m2', 'whm.call @m2'],
  ['reseller', 'bob', reseller, undefined, 'whm.call @m2, whm.call @m2', 'no'],
  ['reseller', 'bob', reseller, { ...reseller, 'most accounts': 'none' }, 'whm.call @m2', 'whm.call @m2'],
  ['mailbox', 'ann@bob.example', box, undefined, 'mailbox.add @m2', 'no'],
  ['mailbox', 'joe@bob.example', box, undefined, 'no', 'no'],
  ['mailbox', 'ann@bob.example', box, { ...box, 'quota (MB)': '9' }, 'mailbox.quota @m2', 'mailbox.quota @m2'],
  ['mailbox', 'ann@bob.example', box, { ...box, 'sign-in suspended': 'yes' }, 'no', 'no'],
  [
    'forwarder',
    'a@bob.example → b@c.example',
    { to: 'b@c.example' },
    undefined,
    'forwarder.add @m2',
    'forwarder.delete removes @m2',
  ],
  ['forwarder', 'a@bob.example → |/bin/x', { to: '|/bin/x' }, undefined, 'no', 'no'],
  ['autoresponder', 'a@bob.example', responder, undefined, 'autoresponder.set @m2', 'autoresponder.delete removes @m2'],
  [
    'autoresponder',
    'a@bob.example',
    responder,
    { ...responder, text: 'Later' },
    'autoresponder.set @m2',
    'autoresponder.set @m2',
  ],
  [
    'default-address',
    'bob.example',
    { 'goes to': ':fail: No' },
    { 'goes to': ':blackhole:' },
    'default-address.set @m2',
    'default-address.set @m2',
  ],
  [
    'default-address',
    'bob.example',
    { 'goes to': 'a@b.example' },
    { 'goes to': 'bob' },
    'default-address.set @m2',
    'no',
  ],
  [
    'domain',
    'new.example',
    { kind: 'addon', folder: 'new', 'carried by': 'new.bob.example' },
    undefined,
    'domain.add-addon @m2',
    'no',
  ],
  ['domain', 'two.example', { kind: 'alias' }, undefined, 'domain.add-alias @m2', 'no'],
  [
    'domain',
    'shop.bob.example',
    { kind: 'subdomain', of: 'bob.example', folder: 'shop' },
    undefined,
    'domain.add-sub @m2',
    'no',
  ],
  ['domain', 'two.example', { kind: 'alias' }, { kind: 'addon', folder: 'x' }, 'no', 'no'],
  [
    'zone',
    'bob.example: www.bob.example A',
    set('192.0.2.1'),
    undefined,
    'dns.edit-zone @m2',
    'dns.edit-zone removes @m2',
  ],
  [
    'zone',
    'bob.example: www.bob.example A',
    set('192.0.2.1'),
    set('192.0.2.9'),
    'dns.edit-zone @m2',
    'dns.edit-zone @m2',
  ],
  [
    'zone',
    'bob.example: www.bob.example A',
    set('192.0.2.1'),
    set('192.0.2.1\n192.0.2.9'),
    'dns.edit-zone removes @m2',
    'dns.edit-zone @m2',
  ],
  [
    'zone',
    'bob.example: bob.example MX',
    set('10 mx.bob.example.'),
    set('20 mx.bob.example.'),
    'dns.edit-zone @m2',
    'dns.edit-zone @m2',
  ],
  ['zone', 'bob.example: bob.example NS', set('ns1.x.'), set('ns2.x.'), 'no', 'no'],
  ['dkim', 'bob.example', { key: '…a', record: '…a' }, undefined, 'dkim.install @m2', 'no'],
  ['dkim', 'other.example', { key: '…a', record: '…a' }, { key: '…b', record: '…b' }, 'no', 'no'],
  ['spf', 'bob.example', spf('yes'), undefined, 'spf.install @m2', 'no'],
  ['spf', 'bob.example', spf('no'), spf('no'), 'spf.install @m1+m2', 'spf.install @m1+m2'],
  ['own-names', 'bob.example', own, undefined, 'own-names.install @m1+m2', 'no'],
  ['own-names', 'bob.example', own, { ...own, www2: 'none' }, 'own-names.install @m1+m2', 'own-names.install @m1+m2'],
  ['certificate', 'bob.example', certificate, undefined, 'certificate.install @m2', 'no'],
  ['database', 'bob_shop', { engine: 'MySQL' }, undefined, 'database.add @m2', 'no'],
  ['database-user', 'bob_web', { engine: 'MySQL' }, undefined, 'no', 'no'],
  ['postgres-database', 'bob_pg', { engine: 'PostgreSQL' }, undefined, 'postgres-database.add @m2', 'no'],
  ['postgres-user', 'bob_web', { engine: 'PostgreSQL' }, undefined, 'no', 'no'],
  ['postgres-grant', 'bob_web on bob_pg', { privileges: 'all' }, undefined, ...pgGrant],
  [
    'grant',
    'bob_web on bob_shop',
    { privileges: 'SELECT, INSERT' },
    undefined,
    'database-user.grant @m2',
    'database-user.revoke removes @m2',
  ],
  [
    'grant',
    'bob_web on bob_shop',
    { privileges: 'SELECT' },
    { privileges: 'INSERT' },
    'database-user.grant @m2',
    'database-user.grant @m2',
  ],
  ['ftp', 'up@bob.example', { folder: 'up', 'quota (MB)': '5' }, undefined, 'no', 'ftp.delete removes @m2'],
  [
    'ftp',
    'up@bob.example',
    { folder: 'up', 'quota (MB)': '5' },
    { folder: 'up', 'quota (MB)': 'unlimited' },
    'ftp.quota @m2',
    'ftp.quota @m2',
  ],
  ['server', 'cPanel version', { value: '11.134' }, { value: '11.136' }, 'no', 'no'],
];

describe('a repair of each kind, in both directions', () => {
  it.each(rows)('%s %s: %o, %o', (id, name, m1, m2, there, back) => {
    const kind = kindOf(id);
    if (kind === undefined) throw new RangeError(id);
    expect([repairOf(kind, name, m1, m2), repairOf(kind, name, m2, m1)]).toEqual([there, back]);
  });

  it('every kind has rows', () => {
    expect(kinds.map((k) => k.id).filter((id) => !rows.some(([kind]) => kind === id))).toEqual([]);
  });
});

const encode = (text: string) => Buffer.from(text).toString('base64');
const line = (n: number, name: string, type: string, ...data: string[]) => ({
  type: 'record',
  line_index: n,
  dname_b64: encode(name),
  record_type: type,
  ttl: 300,
  data_b64: data.map(encode),
});

describe('reading', () => {
  const domains = { main_domain: { domain: 'bob.example' }, addon_domains: [], parked_domains: [], sub_domains: [] };
  const zoneOn = (address: string, host: string, serial: string, order: 1 | -1) => {
    const records = [
      line(1, 'bob.example.', 'A', address),
      line(2, 'mx', 'A', '203.0.113.1'),
      line(3, 'mx', 'A', '203.0.113.2'),
      line(4, '_caldav._tcp', 'SRV', '0', '0', '2079', host),
      line(5, '@', 'TXT', 'v=spf1 +a ~all'),
      line(6, 'k', 'TXT', 'one ', 'text'),
    ];
    return {
      payload: [
        line(0, '@', 'SOA', 'ns1.x.', 'root.x.', serial, '1', '1', '1', '1'),
        ...(order === 1 ? records : records.toReversed()),
      ],
    };
  };
  const read = (zone: unknown, master: string) => {
    const known = new Map<string, BatchAnswer>([
      [callKey({ api: 'uapi', fn: 'DomainInfo::domains_data', user: 'bob', args: [] }), { ok: true, data: domains }],
      [callKey(whm('parse_dns_zone', { zone: 'bob.example' })), { ok: true, data: zone }],
    ]);
    return kindOf('zone')?.read('bob', (call) => known.get(callKey(call)) ?? { ok: undefined, reason: 'not asked' }, {
      master,
      masters,
    });
  };

  it('a zone is its record sets: addresses and host names translated, order, serial, SPF and cuts of texts left out', () => {
    const m1 = read(zoneOn('192.0.2.1', 'm1.example.net.', '7', 1), 'm1');
    const m2 = read(zoneOn('198.51.100.2', 'm2.example.net.', '99', -1), 'm2');
    expect(m1).toEqual(m2);
    expect(m1?.ok === true ? [...m1.things.keys()].sort() : []).toEqual([
      'bob.example: _caldav._tcp.bob.example SRV',
      'bob.example: bob.example A',
      'bob.example: k.bob.example TXT',
      'bob.example: mx.bob.example A',
    ]);
  });

  it.each(kinds.map((k) => [k.id, k] as const))(
    '%s concludes nothing from a master that does not tell',
    (_id, kind) => {
      const seen = kind.read('bob', () => ({ ok: undefined, reason: 'the connection broke' }), {
        master: 'm1',
        masters,
      });
      // Kinds that read for each domain have nothing to read where no domain was told: those need the account's own list.
      if (seen.ok) expect([...seen.things]).toEqual([]);
      else expect(seen.reason).toContain('the connection broke');
    },
  );
});
