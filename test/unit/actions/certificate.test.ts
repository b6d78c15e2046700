import { describe, expect, it } from 'vitest';
import { both, no, ok, type Row } from './support.ts';

const certificate = '-----BEGIN CERTIFICATE-----\nMIIBbm9ib2R5\n-----END CERTIFICATE-----\n';
const other = certificate.replace('MIIB', 'MIIC');
const key = '-----BEGIN PRIVATE KEY-----\nMIIBbm9ib2R5\n-----END PRIVATE KEY-----\n';
const wanted = { account: 'bob', domain: 'bob.example', certificate, key };
const host = (text: string | null, servername = 'bob.example') => ({ servername, certificate_text: text });
const call = `installssl domain=bob.example crt=${certificate} key=${key}`;

const rows: readonly Row[] = [
  ['is installed where the host has none', wanted, [ok([])], false, [call]],
  ['is installed in place of another', wanted, [ok([host(other)])], false, [call]],
  ['of another host does not count', wanted, [ok([host(certificate, 'shop.bob.example')])], false, [call]],
  [
    'is settled, whatever the line breaks',
    wanted,
    [ok([host(certificate.replaceAll('\n', '\r\n'))])],
    false,
    'settled',
  ],
  ['comes with its chain', { ...wanted, chain: `${other}${other}` }, [ok([])], false, [`${call} cab=${other}${other}`]],
  ['needs the account', wanted, [no('Account does not exist.')], false, 'refused: Account does not exist.'],
];

describe('certificate.install', () => {
  it.each(rows)('%s', (...row) => {
    const { got, wanted: plan } = both('certificate.install', row);
    expect(got).toEqual(plan);
  });
});
