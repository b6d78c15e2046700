/** What the server finds when it looks at a domain's mail records in its own zones. */
import type { Context } from '../handler.ts';
import { dkimKeys, dkimText } from './dkim-keys.ts';
import { textsOf } from './dkim-records.ts';
import { ownerOf } from './zone-store.ts';

type Row = Readonly<Record<string, unknown>>;

/** 'VALID', 'MISSING', 'MULTIPLE' or 'MISMATCH', and each record with its own state. */
export function validateDkims(context: Context, domain: string): Row {
  const pem = context.state.of(dkimKeys).get(domain)?.pem;
  const expected = pem === undefined ? null : dkimText(pem);
  const texts = textsOf(context, domain, 'default._domainkey', /v=DKIM1|k=rsa/u);
  const records = texts.map((current) => ({
    current,
    reason: null,
    state: current === expected ? 'VALID' : 'MISMATCH',
  }));
  const [first] = records;
  const state = first === undefined ? 'MISSING' : records.length > 1 ? 'MULTIPLE' : first.state;
  const validity = state === 'VALID' ? 'valid' : 'none';
  return { domain: `default._domainkey.${domain}`, expected, records, state, validity_cache_update: validity };
}

/** Whether SPF lets the account's own address send. */
export function validateSpfs(context: Context, domain: string): Row {
  const address = ownerOf(context, domain)?.ip ?? '';
  const expected = `ip4:${address}`;
  const texts = textsOf(context, domain, '', /^v=spf1/iu);
  const passes = (text: string): boolean => text.split(/\s+/u).some((part) => part.replace(/^\+/u, '') === expected);
  const records = texts.map((current) => ({ current, reason: null, state: passes(current) ? 'PASS' : 'SOFTFAIL' }));
  const [first] = records;
  const single = first?.state === 'PASS' ? 'VALID' : 'MISMATCH';
  const state = first === undefined ? 'MISSING' : records.length > 1 ? 'TOO_MANY' : single;
  return { domain, expected, ip_address: address, ip_version: 4, records, state };
}

/** The published DMARC record. */
export function validateDmarcs(context: Context, domain: string): Row {
  const [record] = textsOf(context, domain, '_dmarc', /^v=DMARC1/iu);
  const state = record === undefined ? 'MISSING' : 'VALID';
  return { domain, subdomain: `_dmarc.${domain}`, record: record ?? null, state, suggested: 'v=DMARC1; p=none;' };
}

/** The address names the server, and the server's name has that address: as the data centre of a mail server set it up. */
export function validatePtrs(context: Context, domain: string): Row {
  const address = ownerOf(context, domain)?.ip ?? '';
  const arpa = `${address.split('.').toReversed().join('.')}.in-addr.arpa`;
  return {
    domain,
    arpa_domain: arpa,
    helo: context.host.hostname,
    ip_address: address,
    ip_version: 4,
    nameservers: [],
    ptr_records: [{ domain: context.host.hostname, forward_records: [address], state: 'VALID' }],
    state: 'VALID',
  };
}
