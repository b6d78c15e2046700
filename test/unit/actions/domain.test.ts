import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeyOf } from '../../../src/actions/rsa.ts';
import { both, no, ok, type Row, zoneAnswer } from './support.ts';

const key = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const pem = key.privateKey;
const spf = 'v=spf1 +a +mx +ip4:192.0.2.1 +ip4:198.51.100.2 ~all';

const domains = (over: Readonly<Record<string, unknown>> = {}) =>
  ok({ main_domain: 'bob.example', addon_domains: [], parked_domains: [], sub_domains: [], ...over });
const unseen = [no('You do not control the domain.'), no('The zone does not exist.')];
const keyOf = (domain: string) => ok({ payload: [{ domain, pem }] });
const zoneOf = (zone: string, domain: string) =>
  zoneAnswer(zone, 7, [
    {
      name: `default._domainkey.${domain}.`,
      type: 'TXT',
      ttl: 300,
      data: `v=DKIM1; k=rsa; p=${publicKeyOf(pem)}`.match(/.{1,255}/g) ?? [],
    },
    { name: `${domain}.`, type: 'TXT', ttl: 300, data: [spf] },
  ]);
const mail = (domain: string) => [
  `install_dkim_private_keys domain=${domain} key=${pem}`,
  `install_spf_records domain=${domain} record=${spf}`,
];

const addon = { account: 'bob', domain: 'new.example', subdomain: 'new', folder: 'new', dkimKey: pem };
const addonThere = domains({ addon_domains: ['new.example'], sub_domains: ['new.bob.example'] });
const data = ok({
  domain: 'new.example',
  servername: 'new.bob.example',
  documentroot: '/home/bob/new',
  type: 'addon_domain',
});
const alias = { account: 'bob', domain: 'two.example', dkimKey: pem };
const sub = { account: 'bob', name: 'shop', parent: 'bob.example', folder: 'public_html/shop', dkimKey: pem };
const full = 'shop.bob.example';
const none = no('no such domain');

const rows: readonly (readonly [string, ...Row])[] = [
  [
    'domain.add-addon',
    'makes it with one key and all sending addresses',
    addon,
    [domains(), none, ...unseen],
    false,
    ['AddonDomain::addaddondomain@bob newdomain=new.example subdomain=new dir=new', ...mail('new.example')],
  ],
  [
    'domain.add-addon',
    'refuses what is there before',
    addon,
    [addonThere, data, ...unseen],
    false,
    'refused: The domain “new.example” already exists in the userdata.',
  ],
  [
    'domain.add-addon',
    'is settled with key, record and SPF',
    addon,
    [addonThere, data, keyOf('new.example'), zoneOf('new.example', 'new.example')],
    true,
    'settled',
  ],
  [
    'domain.add-addon',
    'puts mail right after our send',
    addon,
    [addonThere, data, ...unseen],
    true,
    mail('new.example'),
  ],
  [
    'domain.add-addon',
    'sees another folder',
    addon,
    [addonThere, ok({ servername: 'new.bob.example', documentroot: '/home/bob/x' }), ...unseen],
    true,
    'refused: The domain “new.example” already exists in the userdata. It differs from what was asked for.',
  ],
  [
    'domain.add-addon',
    'never takes over an alias',
    addon,
    [domains({ parked_domains: ['new.example'] }), none, ...unseen],
    true,
    'refused: The domain “new.example” already exists in the userdata.',
  ],
  [
    'domain.remove-addon',
    'asks the master which subdomain carries it',
    { account: 'bob', domain: 'new.example' },
    [addonThere, ok({ servername: 'other.bob.example' })],
    false,
    ['AddonDomain::deladdondomain@bob domain=new.example subdomain=other_bob.example'],
  ],
  [
    'domain.remove-addon',
    'is settled when gone after our send',
    { account: 'bob', domain: 'new.example' },
    [domains(), none],
    true,
    'settled',
  ],
  [
    'domain.remove-addon',
    'refuses what is not the account’s',
    { account: 'bob', domain: 'new.example' },
    [domains(), none],
    false,
    'refused: Sorry, you do not control the domain new.example',
  ],
  [
    'domain.add-alias',
    'shows the main domain unless told',
    alias,
    [domains({ main_domain: ['bob.example'] }), ...unseen],
    false,
    [
      'create_parked_domain_for_user domain=two.example username=bob web_vhost_domain=bob.example',
      ...mail('two.example'),
    ],
  ],
  [
    'domain.add-alias',
    'is settled with key, record and SPF',
    alias,
    [domains({ parked_domains: ['two.example'] }), keyOf('two.example'), zoneOf('two.example', 'two.example')],
    true,
    'settled',
  ],
  [
    'domain.add-alias',
    'refuses what is there before',
    alias,
    [domains({ parked_domains: ['two.example'] }), ...unseen],
    false,
    'refused: The domain “two.example” already exists in the userdata.',
  ],
  [
    'domain.remove-alias',
    'removes it',
    { account: 'bob', domain: 'two.example' },
    [domains({ parked_domains: ['two.example'] })],
    false,
    ['delete_domain domain=two.example'],
  ],
  [
    'domain.remove-alias',
    'never removes a domain of another kind',
    { account: 'bob', domain: 'bob.example' },
    [domains()],
    false,
    'refused: Sorry, you do not control the domain bob.example',
  ],
  [
    'domain.remove-alias',
    'is settled when gone after our send',
    { account: 'bob', domain: 'two.example' },
    [domains()],
    true,
    'settled',
  ],
  [
    'domain.add-sub',
    'makes it; its records stand in the parent’s zone',
    sub,
    [domains(), none, ...unseen],
    false,
    ['SubDomain::addsubdomain@bob domain=shop rootdomain=bob.example dir=public_html/shop', ...mail(full)],
  ],
  [
    'domain.add-sub',
    'is settled with key, record and SPF',
    sub,
    [
      domains({ sub_domains: [full] }),
      ok({ documentroot: '/home/bob/public_html/shop' }),
      keyOf(full),
      zoneOf('bob.example', full),
    ],
    true,
    'settled',
  ],
  [
    'domain.add-sub',
    'refuses what is there before',
    sub,
    [domains({ sub_domains: [full] }), none, ...unseen],
    false,
    `refused: The domain “${full}” already exists in the userdata.`,
  ],
  [
    'domain.remove-sub',
    'removes it',
    { account: 'bob', domain: full },
    [domains({ sub_domains: [full] })],
    false,
    [`delete_domain domain=${full}`],
  ],
  [
    'domain.remove-sub',
    'refuses what is not the account’s',
    { account: 'bob', domain: full },
    [domains()],
    false,
    `refused: Sorry, you do not control the domain ${full}`,
  ],
  [
    'dkim.install',
    'installs our key',
    { account: 'bob', domain: 'bob.example', key: pem },
    unseen,
    false,
    [`install_dkim_private_keys domain=bob.example key=${pem}`],
  ],
  [
    'dkim.install',
    'is settled with key and record',
    { account: 'bob', domain: 'bob.example', key: pem },
    [keyOf('bob.example'), zoneOf('bob.example', 'bob.example')],
    false,
    'settled',
  ],
  [
    'spf.install',
    'puts in what is missing and keeps the rest',
    { account: 'bob', domain: 'bob.example' },
    [
      zoneAnswer('bob.example', 7, [
        { name: '@', type: 'TXT', ttl: 1, data: ['v=spf1 mx ip4:198.51.100.2 ', 'include:x.example -all'] },
      ]),
    ],
    false,
    ['install_spf_records domain=bob.example record=v=spf1 mx ip4:198.51.100.2 include:x.example +ip4:192.0.2.1 -all'],
  ],
  [
    'spf.install',
    'is settled when all addresses are named',
    { account: 'bob', domain: 'bob.example' },
    [zoneOf('bob.example', 'bob.example')],
    false,
    'settled',
  ],
  [
    'spf.install',
    'puts the addresses into a record that is given',
    { domain: 'bob.example', record: 'v=spf1 -all' },
    [zoneOf('bob.example', 'bob.example')],
    false,
    ['install_spf_records domain=bob.example record=v=spf1 +ip4:192.0.2.1 +ip4:198.51.100.2 -all'],
  ],
  ['spf.install', 'needs the zone', { domain: 'bob.example' }, [no('no zone')], false, 'refused: no zone'],
];

describe('domains and their mail', () => {
  it.each(rows)('%s %s', (id, ...row) => {
    const { got, wanted } = both(id, row);
    expect(got).toEqual(wanted);
  });
});
