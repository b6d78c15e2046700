import { z } from 'zod';
import { when } from '../answers.ts';
import { define } from '../define.ts';
import { zoneKeys, zoneSubject } from '../dns/keys.ts';
import * as f from '../fields.ts';
import { spfCalls } from '../mail-auth.ts';
import { applyAll } from '../plans.ts';
import { wordedAs } from '../raw.ts';
import { isSpf } from '../spf.ts';
import { lookAtZone, readZone } from '../zone.ts';

const params = z.strictObject({
  account: f.account().optional().meta({ label: 'Account', help: 'Whose domain it is. Left empty: only for root.' }),
  domain: f.domain().meta({ label: 'Domain' }),
  zone: f.domain().optional().meta({ label: 'Zone', help: 'Where its records stand, when it is not its own zone.' }),
  record: f
    .line(2000)
    .refine(isSpf, 'must begin with v=spf1')
    .optional()
    .meta({ label: 'Record', help: 'Left empty, the record that is there keeps its terms.' }),
});

function zoned(p: z.output<typeof params>) {
  return { account: p.account, zone: p.zone ?? p.domain };
}

/** An SPF record that names every address that any master sends from, and keeps all else that it says. */
export const installSpf = define({
  id: 'spf.install',
  title: 'Install SPF record',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  proof: 'look',
  covers: {
    install_spf_records: (raw) => wordedAs(raw, { names: { domain: 'domain', record: 'record' } }),
    'EmailAuth::install_spf_records': (raw) =>
      wordedAs(raw, { names: { 'cpanel.user': 'account', domain: 'domain', record: 'record' } }),
  },
  subject: (p) => zoneSubject(zoned(p)),
  keys: (p) => zoneKeys(zoned(p)),
  observe: (p) => [lookAtZone(zoned(p).zone)],
  read: (p, answers) => readZone(answers, 0, zoned(p).zone),
  plan: (p, seen, place) =>
    when(seen, (zone) => applyAll(spfCalls(p.domain, { ok: true, value: zone }, place, p.record))),
});
