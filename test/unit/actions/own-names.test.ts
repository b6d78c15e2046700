import { expect, it } from 'vitest';
import { apply } from '../../../src/actions/define.ts';
import { ownAmong, withOwnNames } from '../../../src/actions/own-names/names.ts';
import { kindOf } from '../../../src/drift/kinds/index.ts';
import { callKey } from '../../../src/drift/model.ts';
import { mastersOf, withOwnLabels } from '../../../src/masters.ts';
import type { BatchAnswer } from '../../../src/whm/batch.ts';
import { whm } from '../../../src/whm/call.ts';
import { type Entry, line, no, ok, masters as plain, planned, zoneAnswer } from './support.ts';

/** www1 and www2: what is planned on each master, and what the comparison says. Both masters must say the same. */

const masters = mastersOf(withOwnLabels(plain.list), [
  { use: 'dedicated', addresses: { m1: '192.0.2.50', m2: '198.51.100.50' } },
]);
const input = { account: 'bob', domain: 'bob.example' };
const data = (domain: string, folder: string) =>
  ok({ domain, servername: domain, documentroot: `/home/bob/${folder}`, ip: '192.0.2.1' });
const none = no('no such domain');
const domains = (subs: readonly string[] = [], more: Readonly<Record<string, unknown>> = {}) =>
  ok({ main_domain: 'bob.example', addon_domains: [], parked_domains: [], sub_domains: subs, ...more });
const record = (name: string, value: string, type = 'A'): Entry => ({ name, type, ttl: 14_400, data: [value] });
const zone = (...more: readonly Entry[]) =>
  zoneAnswer('bob.example', 7, [record('bob.example.', '192.0.2.1'), ...more]);
const both = ['www1.bob.example', 'www2.bob.example'];
const hosts = both.map((name) => `create_subdomain domain=${name} document_root=public_html`);
const there = both.map((name) => data(name, 'public_html'));
const good = [record('www1.bob.example.', '192.0.2.1'), record('www2.bob.example.', '198.51.100.2')];

function edit(what: string, at: number, record?: Entry): string {
  if (record === undefined) return `${what}-${at}`;
  const { name, ttl, type, data: values } = record;
  return `${what}-${at}=${JSON.stringify({ dname: name, ttl, record_type: type, data: values })}`;
}

const site = data('bob.example', 'public_html');
const rows: readonly (readonly [string, Parameters<typeof planned>[2], ReturnType<typeof planned>])[] = [
  ['makes a virtual host for each master, on each of them', [domains(), site, zone(), none, none], hosts],
  [
    'then writes both records, alike on both, in place of those that cPanel made',
    [
      domains(both),
      site,
      zone(
        ...both.map((name) => record(`${name}.`, '192.0.2.1')),
        ...both.map((name) => record(`www.${name}.`, '192.0.2.1')),
      ),
      ...there,
    ],
    [
      [
        'mass_edit_dns_zone zone=bob.example serial=7',
        edit('add', 0, record('www2.bob.example.', '198.51.100.2')),
        'remove-0=6',
        'remove-1=7',
        'remove-2=8',
      ].join(' '),
    ],
  ],
  ['is settled when all is there', [domains(both), site, zone(...good), ...there], 'settled'],
  [
    'gives a dedicated address its counterpart',
    [domains(both), site, zoneAnswer('bob.example', 7, [record('bob.example.', '198.51.100.50')]), ...there],
    [
      [
        'mass_edit_dns_zone zone=bob.example serial=7',
        edit('add', 0, record('www1.bob.example.', '192.0.2.50')),
        edit('add', 1, record('www2.bob.example.', '198.51.100.50')),
      ].join(' '),
    ],
  ],
  [
    'takes the web server’s address where the domain points elsewhere',
    [domains(both), site, zoneAnswer('bob.example', 7, [record('bob.example.', '203.0.113.9'), ...good]), ...there],
    'settled',
  ],
  [
    'leaves a name alone that points elsewhere',
    [domains(), site, zone(record('www1.bob.example.', '203.0.113.1')), none, none],
    'refused: www1.bob.example points elsewhere already (A 203.0.113.1); it stays so.',
  ],
  [
    'leaves a site alone that is called so',
    [domains(['www1.bob.example']), site, zone(), data('www1.bob.example', 'public_html/old'), none],
    'refused: www1.bob.example is a site of its own in another folder; it stays so.',
  ],
  [
    'refuses what is not the account’s',
    [domains([], { main_domain: 'other.example' }), site, zone(), none, none],
    'refused: Sorry, you do not control the domain bob.example',
  ],
  [
    'refuses a subdomain, whose records stand in another zone',
    [domains(['bob.example'], { main_domain: 'x.example' }), site, zone(), none, none],
    'refused: Sorry, you do not control the domain bob.example',
  ],
];

it.each(rows)('%s', (_, answers, wanted) => {
  for (const { id } of masters.list) {
    const place = { master: masters.get(id), masters, sent: false };
    expect(planned('own-names.install', input, answers, place)).toEqual(wanted);
  }
});

it('does nothing where no master has a label', () => {
  const place = { master: plain.get('m1'), masters: plain, sent: false };
  expect(planned('own-names.install', input, [domains(), site, zone()], place)).toMatch(/^refused: .*ownNames is off/);
});

it('a domain goes with its own names, and with no others', () => {
  const subs = ['www1.two.example', 'shop.two.example', 'www2.bob.example'];
  expect(ownAmong(masters, subs, ['two.example'])).toEqual(['www1.two.example']);
  const plan = withOwnNames(apply(whm('delete_domain', { domain: 'two.example' })), masters, 'two.example', subs);
  expect(plan.kind === 'apply' ? plan.calls.map(line) : plan).toEqual([
    'delete_domain domain=www1.two.example',
    'delete_domain domain=two.example',
  ]);
});

const kind = kindOf('own-names');
const ask = (subs: readonly string[], records: readonly Entry[]) => {
  const answers: Readonly<Record<string, BatchAnswer>> = {
    'DomainInfo::domains_data': {
      ok: true,
      data: {
        main_domain: { domain: 'bob.example' },
        addon_domains: [],
        parked_domains: [],
        sub_domains: subs.map((domain) => ({ domain })),
      },
    },
    parse_dns_zone: zone(...records),
  };
  const read = kind?.read('bob', (call) => answers[call.fn] ?? { ok: false, reason: callKey(call) }, {
    master: 'm2',
    masters,
  });
  return read?.ok === true ? read.things.get('bob.example') : read;
};

it('the comparison finds names that are missing on both masters, and repairs them on both', () => {
  const value = ask([], []);
  expect(value).toEqual({ www1: 'none', www2: 'none', complete: 'no' });
  expect(ask(both, good)).toEqual({ www1: 'A 192.0.2.1', www2: 'A 198.51.100.2', complete: 'yes' });
  expect(ask(both, [record('www1.bob.example.', '198.51.100.2'), ...good.slice(1)])).toMatchObject({ complete: 'no' });
  expect(ask([], [record('www1.bob.example.', '203.0.113.1')])).toBeUndefined();
  const side = { master: 'm1', value: { www1: 'none', www2: 'none', complete: 'no' } };
  const repair = kind?.repair({
    account: 'bob',
    name: 'bob.example',
    from: side,
    to: { ...side, master: 'm2' },
    masters,
    fetched: [],
  });
  expect(repair).toMatchObject({
    ok: true,
    steps: [{ action: 'own-names.install', only: ['m1', 'm2'], params: input }],
  });
  expect(side.value !== undefined && kind?.wrong?.(side.value)).toBe(true);
});
