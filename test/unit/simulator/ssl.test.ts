import { beforeAll, expect, test } from 'vitest';
import { type Certificate, selfSigned } from '../../../src/certificates.ts';
import { account, type TestServer, testServer } from './server.ts';

let bobs: Certificate;
let other: Certificate;

beforeAll(async () => {
  bobs = await selfSigned({ names: ['bob.example', 'www.bob.example', 'extra.example'], days: 3650 });
  other = await selfSigned({ names: ['elsewhere.example'], days: 3650, keyType: 'rsa' });
});

function server(): TestServer {
  const made = testServer('m1', '192.0.2.1');
  account('bob', [made]);
  return made;
}

test('installssl tells which names work, which do not and which are extra', () => {
  const m1 = server();
  const said = m1.whm('installssl', { domain: 'bob.example', crt: bobs.cert, key: bobs.key });
  expect(m1.data(said)).toMatchObject({
    action: 'install',
    domain: 'bob.example',
    working_domains: ['bob.example', 'www.bob.example'],
    warning_domains: ['mail.bob.example'],
    extra_certificate_domains: ['extra.example'],
    servername: 'bob.example',
    ip: '192.0.2.1',
    user: 'bob',
    status: 1,
  });
  const again = m1.whm('installssl', { domain: 'bob.example', crt: bobs.cert, key: bobs.key });
  expect(m1.data(again)).toMatchObject({ action: 'update' });
});

test('what is installed is read from the certificate itself', () => {
  const m1 = server();
  m1.uapi('bob', 'SSL::install_ssl', { domain: 'bob.example', cert: bobs.cert, key: bobs.key });
  const [host] = m1.data(m1.uapi('bob', 'SSL::installed_hosts')) as readonly { certificate: object }[];
  expect(host).toMatchObject({
    servername: 'bob.example',
    certificate: {
      domains: ['bob.example', 'www.bob.example', 'extra.example'],
      is_self_signed: 1,
      key_algorithm: 'id-ecPublicKey',
      ecdsa_curve_name: 'prime256v1',
      modulus: null,
      signature_algorithm: 'ecdsa-with-SHA256',
      'subject.commonName': 'bob.example',
    },
  });
  expect(m1.data(m1.whm('fetch_ssl_vhosts'))).toMatchObject({
    vhosts: [{ user: 'bob', type: 'main', iptype: 'shared' }],
  });
  expect(m1.data(m1.whm('fetchsslinfo', { domain: 'bob.example' }))).toMatchObject({
    crt: bobs.cert.trim().concat('\n'),
    key: bobs.key.trim().concat('\n'),
    user: 'bob',
  });
});

test('RSA certificates have a modulus and no curve, and two servers give them one id', () => {
  const ids = [server(), server()].map((m) => {
    m.uapi('bob', 'SSL::upload_cert', { crt: other.cert });
    m.uapi('bob', 'SSL::upload_key', { key: other.key });
    const [cert] = m.data(m.uapi('bob', 'SSL::list_certs')) as readonly Record<string, unknown>[];
    const [key] = m.data(m.uapi('bob', 'SSL::list_keys')) as readonly Record<string, unknown>[];
    expect(cert).toMatchObject({ key_algorithm: 'rsaEncryption', modulus_length: 2048, domain_is_configured: 0 });
    expect(key?.['modulus']).toBe(cert?.['modulus']);
    return [cert?.['id'], key?.['id']];
  });
  expect(ids[0]).toEqual(ids[1]);
  expect(ids[0]?.[0]).toMatch(/^elsewhere_example_[0-9a-f]{5}_[0-9a-f]{5}_\d+_[0-9a-f]{32}$/u);
});

test('a key may be left out when the account has it', () => {
  const m1 = server();
  const ask = { domain: 'bob.example', cert: bobs.cert };
  expect(m1.uapi('bob', 'SSL::install_ssl', ask)).toMatchObject({ ok: false });
  m1.uapi('bob', 'SSL::upload_key', { key: bobs.key });
  expect(m1.uapi('bob', 'SSL::install_ssl', ask)).toMatchObject({ ok: true });
});

test('a foreign key, a foreign domain, a certificate for other names and garbage are refused', () => {
  const m1 = server();
  const good = { domain: 'bob.example', crt: bobs.cert, key: bobs.key };
  for (const bad of [{ key: other.key }, { domain: 'no.example' }, { crt: other.cert, key: other.key }, { crt: 'x' }]) {
    expect(m1.whm('installssl', { ...good, ...bad }), JSON.stringify(bad)).toMatchObject({ ok: false });
  }
  expect(m1.engine.state.dump()['ssl-hosts']).toBeUndefined();
});

test('API 2 installs with result and output', () => {
  const m1 = server();
  const said = m1.api2('bob', 'SSL::installssl', { domain: 'bob.example', crt: bobs.cert, key: bobs.key });
  expect(m1.data(said)).toMatchObject([{ result: 1 }]);
  expect(m1.api2('bob', 'SSL::installssl', { domain: 'bob.example', crt: 'x', key: 'y' })).toMatchObject({
    ok: false,
    data: [{ result: 0, output: 'The text is not a valid certificate.' }],
  });
});

test('certificates go with their account and follow its main domain', () => {
  const m1 = server();
  m1.whm('installssl', { domain: 'bob.example', crt: bobs.cert, key: bobs.key });
  m1.whm('modifyacct', { user: 'bob', newuser: 'rob', domain: 'rob.example' });
  expect(m1.data(m1.uapi('rob', 'SSL::installed_hosts'))).toMatchObject([{ servername: 'rob.example' }]);
  m1.whm('removeacct', { username: 'rob' });
  expect(Object.keys(m1.engine.state.dump()).filter((name) => name.startsWith('ssl-'))).toEqual([]);
});

test('AutoSSL has a problem with a domain whose address leads elsewhere, and with no other', () => {
  const m1 = server();
  expect(m1.data(m1.uapi('bob', 'SSL::get_autossl_problems'))).toEqual([]);
  m1.uapi('bob', 'DNS::swap_ip_in_zones', { domain: 'bob.example', dest_ip: '203.0.113.9' });
  expect(m1.data(m1.uapi('bob', 'SSL::get_autossl_problems'))).toMatchObject([
    { domain: 'bob.example', problem: expect.stringContaining('resolves to “203.0.113.9”'), time: expect.any(String) },
  ]);
});
