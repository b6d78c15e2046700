/** DKIM and SPF: the same key on every master, and its record. */
import { uapi, whm } from '../../whm/call.ts';
import type { Step } from '../model.ts';
import { does, makes } from './build.ts';

export const dkimSteps: readonly Step[] = [
  makes(
    {
      id: 'dkim.fetch',
      assumption: 'fetch_dkim_private_keys gives the key that was installed.',
      call: (v) => whm('fetch_dkim_private_keys', { domain: v.domain }),
    },
    { maps: ['data'] },
  ),
  does({
    id: 'dkim.install',
    assumption: 'install_dkim_private_keys replaces a key; the record follows or can be written.',
    action: 'dkim.install',
    params: (v) => ({ account: v.user, domain: v.domain, key: v.dkimKey2 }),
    repeated: 'done',
    expect: { again: 'settled' },
  }),
  makes({
    id: 'dkim.valid',
    assumption: 'validate_current_dkims tells for each domain whether record and key agree.',
    call: (v) => uapi(v.user, 'EmailAuth::validate_current_dkims', { domain: v.domain }),
  }),
  does({
    id: 'dkim.spf',
    assumption: 'An SPF record is written as one TXT record of the domain.',
    action: 'spf.install',
    params: (v) => ({ account: v.user, domain: v.domain, record: `v=spf1 ip4:${v.address} -all` }),
    expect: { again: 'settled' },
  }),
  makes({
    id: 'dkim.spf-valid',
    assumption: 'validate_current_spfs tells for each domain what was found.',
    call: (v) => uapi(v.user, 'EmailAuth::validate_current_spfs', { domain: v.domain }),
  }),
];
