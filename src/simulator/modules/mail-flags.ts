/** The switches HASDKIM, HASSPF and HASDMARC of an account, and what they do to its zones. */
import type { Context, Entry, Handler, Module } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Account } from '../tables.ts';
import { tweakSettings } from '../tweak-settings.ts';
import { dkimKeys, dkimText, keyOf } from './dkim-keys.ts';
import { setText } from './dkim-records.ts';
import { defaultDmarc, plainDmarc } from './dmarc.ts';
import { zonesOfAccount } from './zone-life.ts';
import { defaultSpf } from './zone-template.ts';

function dkimOf(context: Context, account: Account, domain: string): string | undefined {
  const key = account.dkim ? keyOf(context, domain, account.user) : context.state.of(dkimKeys).get(domain);
  if (key !== undefined && key.enabled !== account.dkim) {
    context.state.of(dkimKeys).set(domain, { ...key, enabled: account.dkim });
  }
  return account.dkim && key !== undefined ? dkimText(key.pem) : undefined;
}

interface Switch {
  readonly isOn: (account: Account) => boolean;
  readonly label: string;
  readonly like: RegExp;
  /** The text that the zone of a domain gets; undefined: none. */
  readonly text: (context: Context, account: Account, domain: string) => string | undefined;
}

const SWITCHES: readonly Switch[] = [
  { isOn: (a) => a.dkim, label: 'default._domainkey', like: /v=DKIM1|k=rsa/u, text: dkimOf },
  { isOn: (a) => a.spf, label: '', like: /^v=spf1/iu, text: (_, a) => (a.spf ? defaultSpf(a.ip) : undefined) },
  {
    isOn: (a) => a.dmarc === true,
    label: '_dmarc',
    like: /^v=DMARC1/iu,
    text: (context, a) => (a.dmarc === true ? defaultDmarc(context) : undefined),
  },
];

/** Brings the texts of every zone in line with switches that were changed. */
export function applyMailFlags(context: Context, before: Account, after: Account): void {
  const changed = SWITCHES.filter(({ isOn }) => isOn(before) !== isOn(after));
  if (changed.length === 0) return;
  for (const { domain } of zonesOfAccount(context, after.user)) {
    for (const { label, like, text } of changed) setText(context, domain, label, like, text(context, after, domain));
  }
}

const whm: Readonly<Record<string, Entry<Handler>>> = {
  get_default_dmarc_record: { run: (c) => ok({ payload: { record: defaultDmarc(c) } }), since: '11.124' },
  set_default_dmarc_record: {
    since: '11.124',
    run({ params, state }) {
      const record = params.get('record') || plainDmarc;
      if (!/^v=DMARC1\s*;/u.test(record)) throw new Refusal('The DMARC record is not valid.');
      state.of(tweakSettings).set('Mail/dmarc', { key: 'dmarc', value: record });
      return ok();
    },
  },
};

export const mailFlags: Module = { whm };
