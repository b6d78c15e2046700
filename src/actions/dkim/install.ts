import { z } from 'zod';
import { define, refused } from '../define.ts';
import { zoneKeys, zoneSubject } from '../dns/keys.ts';
import * as f from '../fields.ts';
import { dkimCalls, lookAtMailAuth, readMailAuth } from '../mail-auth.ts';
import { applyAll } from '../plans.ts';
import { wordedAs } from '../raw.ts';
import { isStale } from '../zone.ts';

const params = z.strictObject({
  account: f.account().optional().meta({ label: 'Account', help: 'Whose domain it is. Left empty: only for root.' }),
  domain: f.domain().meta({ label: 'Domain' }),
  zone: f.domain().optional().meta({ label: 'Zone', help: 'Where its records stand, when it is not its own zone.' }),
  key: f
    .privateKey()
    .optional()
    .meta({ label: 'Private key', secret: true, input: 'textarea', help: 'Left empty, one is made.' }),
});

type Params = z.output<typeof params>;

function zoned(p: Params) {
  return { account: p.account, zone: p.zone ?? p.domain };
}

/** One DKIM key for all masters, and its record. WHM answers "1" also when it refused a domain, so a look is the proof. */
export const installDkim = define({
  id: 'dkim.install',
  title: 'Install DKIM key',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  proof: 'look',
  covers: {
    install_dkim_private_keys: (raw) => wordedAs(raw, { names: { domain: 'domain', key: 'key' } }),
    'EmailAuth::install_dkim_private_keys': (raw) =>
      wordedAs(raw, { names: { 'cpanel.user': 'account', domain: 'domain', key: 'key' } }),
  },
  stale: isStale,
  subject: (p) => zoneSubject(zoned(p)),
  keys: (p) => zoneKeys(zoned(p)),
  wants: (p) => (p.key === undefined ? ['dkimKey'] : []),
  choose: (p, chosen) => ({ ...p, key: p.key ?? chosen.dkimKey }),
  observe: (p) => lookAtMailAuth(p.domain, zoned(p).zone),
  read: (p, answers) => readMailAuth(answers, 0, p.domain, zoned(p).zone),
  plan(p, seen) {
    if (p.key === undefined) return refused('No DKIM key was made.');
    return applyAll(dkimCalls(p.domain, p.key, seen, zoned(p).zone));
  },
});
