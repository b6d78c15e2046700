/** Keys of signed zones: that they can be read as they are carried to the name servers. */

import { whm } from '../../whm/call.ts';
import { askWhmKey, askWhmKeys, readWhmKey, readWhmKeys } from '../../whm/zone-keys.ts';
import type { Facts, Step } from '../model.ts';
import { dataOf, makes, refuses, told } from './build.ts';

function keyFacts(data: unknown): Facts {
  const keys = readWhmKeys(data);
  return { isRead: keys !== undefined, hasKey: keys?.some(({ type, tag }) => type === 'ksk' && tag > 0) === true };
}

export const dnssecSteps: readonly Step[] = [
  makes({
    id: 'dnssec.enable',
    assumption: 'enable_dnssec_for_domains makes keys for a zone, where the name server is PowerDNS.',
    call: (v) => whm('enable_dnssec_for_domains', { domain: v.domain, algo_num: 13 }),
  }),
  makes(
    {
      id: 'dnssec.keys',
      assumption: 'fetch_ds_records_for_domains lists each key by its number, with tag, algorithm and kind.',
      call: (v) => askWhmKeys([v.domain]),
      facts: keyFacts,
      expect: { isRead: true, hasKey: true },
    },
    { maps: ['data.domains[].ds_records.keys'] },
  ),
  {
    id: 'dnssec.export',
    assumption: 'export_zone_key gives the private key as PowerDNS and BIND write it, by the number that was listed.',
    kind: 'write',
    needs: 'account',
    expect: { outcome: 'done', isKey: true },
    async run(side) {
      const { domain: zone } = side.values;
      const [key] = readWhmKeys(dataOf(await side.call(askWhmKeys([zone])))) ?? [];
      const found = await side.call(askWhmKey({ zone, id: key?.id ?? 0 }));
      return { ...told(found), isKey: readWhmKey(dataOf(found)) !== undefined };
    },
  },
  refuses(
    {
      id: 'dnssec.no-key',
      assumption: 'export_zone_key of a number that is no key is refused.',
      call: (v) => askWhmKey({ zone: v.domain, id: 999_999_999 }),
      text: /./u,
    },
    { needs: 'account', kind: 'write' },
  ),
];
