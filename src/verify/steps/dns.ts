/** Zones: reading them, and edits with the serial of this very server. */
import { api2, whm } from '../../whm/call.ts';
import type { Facts, Json, Step } from '../model.ts';
import { at, dataOf, does, makes, refuses, told } from './build.ts';

function decoded(base64: Json): string {
  return Buffer.from(String(base64), 'base64').toString('utf8');
}

function entriesOf(data: unknown): readonly Json[] {
  const payload = at(data, 'payload');
  return Array.isArray(payload) ? payload : [];
}

function soaOf(data: unknown): Json | undefined {
  return entriesOf(data).find((one) => at(one, 'record_type') === 'SOA');
}

function zoneFacts(data: unknown): Facts {
  const types = new Set(entriesOf(data).map((one) => at(one, 'record_type')));
  return {
    hasSerial: /^\d+$/u.test(decoded(at(soaOf(data), 'data_b64', 2))),
    firstLine: Number(at(data, 'payload', 0, 'line_index')),
    hasNs: types.has('NS'),
    hasA: types.has('A'),
    hasMx: types.has('MX'),
  };
}

/** The life of zone records that cPanel's template gives: 14400, name servers 86400. */
function ttlFacts(data: unknown): Facts {
  const ttlOf = (type: string): Json =>
    Number(
      at(
        entriesOf(data).find((one) => at(one, 'record_type') === type),
        'ttl',
      ),
    );
  return { a: ttlOf('A'), ns: ttlOf('NS') };
}

const yes = { needs: 'account', kind: 'write' } as const;

export const dnsSteps: readonly Step[] = [
  makes({
    id: 'dns.read',
    assumption: 'parse_dns_zone gives data.payload with lines from 0, and the serial as the third value of the SOA.',
    call: (v) => whm('parse_dns_zone', { zone: v.domain }),
    facts: zoneFacts,
    expect: { hasSerial: true, firstLine: 0, hasNs: true, hasA: true, hasMx: true },
  }),
  makes(
    {
      id: 'dns.ttl',
      assumption: 'A new zone has a TTL of 14400, its name servers one of 86400.',
      call: (v) => whm('parse_dns_zone', { zone: v.domain }),
      facts: ttlFacts,
      expect: { a: 14_400, ns: 86_400 },
    },
    { checks: ['ha.zone-ttl'] },
  ),
  refuses({
    id: 'dns.absent',
    assumption: 'parse_dns_zone of a zone that is not there is refused.',
    call: (v) => whm('parse_dns_zone', { zone: `none.${v.domain}` }),
    text: /./u,
  }),
  {
    id: 'dns.stale',
    assumption: 'An edit with an old serial is refused by name, and writes nothing.',
    kind: 'write',
    needs: 'account',
    expect: { outcome: 'refused', because: /serial number/iu },
    async run(side) {
      const edit = { dname: 'stale', ttl: 300, record_type: 'TXT', data: ['x'] };
      const { domain: zone } = side.values;
      return told(
        await side.call(whm('mass_edit_dns_zone', { zone, serial: 2_000_010_101, 'add-0': JSON.stringify(edit) })),
      );
    },
  },
  {
    id: 'dns.edit-many',
    assumption: 'Several edits go as add-0, add-1; the answer is the new serial, which the next look shows.',
    kind: 'write',
    needs: 'account',
    expect: { outcome: 'done', isShown: true },
    async run(side) {
      const { domain: zone } = side.values;
      const look = (): Promise<unknown> => side.call(whm('parse_dns_zone', { zone })).then(dataOf);
      const serial = decoded(at(soaOf(await look()), 'data_b64', 2));
      const add = (dname: string): string => JSON.stringify({ dname, ttl: 300, record_type: 'TXT', data: ['x'] });
      const done = await side.call(
        whm('mass_edit_dns_zone', { zone, serial, 'add-0': add('one'), 'add-1': add('two') }),
      );
      const now = decoded(at(soaOf(await look()), 'data_b64', 2));
      return { ...told(done), isShown: String(at(dataOf(done), 'new_serial')) === now };
    },
  },
  does({
    id: 'dns.add',
    assumption: 'A record is added with the serial that was read; the same edit again is refused as stale.',
    action: 'dns.add-record',
    params: (v) => ({ account: v.user, zone: v.domain, name: 'here', type: 'A', value: v.address, ttl: 300 }),
    repeated: 'refused',
    expect: { again: 'refused' },
  }),
  does({
    id: 'dns.add-long',
    assumption: 'A text of 300 characters is stored and reads back as one.',
    action: 'dns.add-record',
    params: (v) => ({ account: v.user, zone: v.domain, name: 'long', type: 'TXT', value: 'x'.repeat(300) }),
  }),
  does({
    id: 'dns.add-service',
    assumption: 'SRV takes priority, weight, port and target in this order.',
    action: 'dns.add-record',
    params: (v) => ({
      ...{ account: v.user, zone: v.domain, name: '_sip._tcp', type: 'SRV', value: `sip.${v.domain}` },
      ...{ priority: 1, weight: 2, port: 5060 },
    }),
  }),
  does({
    id: 'dns.add-mail',
    assumption: 'MX takes preference and exchange in this order.',
    action: 'dns.add-record',
    params: (v) => ({
      account: v.user,
      zone: v.domain,
      name: 'sub',
      type: 'MX',
      value: `mx.${v.domain}`,
      priority: 10,
    }),
  }),
  does({
    id: 'dns.edit',
    assumption: 'A record is changed by the line that it has now.',
    action: 'dns.edit-record',
    params: (v) => ({
      account: v.user,
      zone: v.domain,
      name: 'here',
      type: 'A',
      value: v.address,
      newValue: '192.0.2.9',
    }),
  }),
  does({
    id: 'dns.remove',
    assumption: 'A record is removed by the line that it has now.',
    action: 'dns.remove-record',
    params: (v) => ({ account: v.user, zone: v.domain, name: 'here', type: 'A', value: '192.0.2.9' }),
  }),
  does({
    id: 'dns.edit-zone',
    assumption: 'Records may be added and removed in one edit.',
    action: 'dns.edit-zone',
    params: (v) => ({
      ...{ account: v.user, zone: v.domain, counts: [1, 0] },
      remove: [{ name: 'two', type: 'TXT', ttl: 300, data: ['x'] }],
      add: [{ name: 'three', type: 'TXT', ttl: 300, data: ['x'] }],
    }),
  }),
  makes({
    id: 'dns.dump',
    assumption: 'dumpzone counts lines from 1 and ends names with a dot.',
    call: (v) => whm('dumpzone', { domain: v.domain }),
  }),
  makes({
    id: 'dns.export',
    assumption: 'export_zone_files gives the zone’s text.',
    call: (v) => whm('export_zone_files', { zone: v.domain }),
  }),
  makes({
    id: 'dns.authority',
    assumption: 'has_local_authority tells whether the server answers for a domain.',
    call: (v) => whm('has_local_authority', { domain: v.domain }),
  }),
  makes({
    id: 'dns.add-old-way',
    assumption: 'addzonerecord adds a record without a serial.',
    call: (v) =>
      whm('addzonerecord', { domain: v.domain, name: 'old', type: 'A', class: 'IN', ttl: 300, address: '192.0.2.7' }),
  }),
  makes({
    id: 'dns.api2-records',
    assumption: 'API 2 fetchzone_records gives a flat list of records.',
    call: (v) => api2(v.user, 'ZoneEdit::fetchzone_records', { domain: v.domain }),
  }),
  makes(
    {
      id: 'dns.api2-zone',
      assumption: 'API 2 fetchzone wraps the records and tells serialnum.',
      call: (v) => api2(v.user, 'ZoneEdit::fetchzone', { domain: v.domain }),
      facts: (data) => ({ hasSerial: /^\d+$/u.test(String(at(data, 0, 'serialnum'))) }),
      expect: { hasSerial: true },
    },
    { checks: ['api2.fetchzone'] },
  ),
  makes(
    {
      id: 'dns.api2-zones',
      assumption: 'API 2 fetchzones maps each zone to its raw lines.',
      call: (v) => api2(v.user, 'ZoneEdit::fetchzones'),
    },
    { maps: ['cpanelresult.data[].zones'] },
  ),
  makes(
    {
      id: 'dns.api2-generated',
      assumption: 'API 2 fetch_cpanel_generated_domains lists names under domain, each with a dot.',
      call: (v) => api2(v.user, 'ZoneEdit::fetch_cpanel_generated_domains', { domain: v.domain }),
      facts: (data) => ({ hasDomain: typeof at(data, 0, 'domain') === 'string' }),
      expect: { hasDomain: true },
    },
    { checks: ['api2.generated-domains'] },
  ),
  makes({
    id: 'dns.api2-add',
    assumption: 'API 2 add_zone_record tells newserial one level deeper than other functions.',
    call: (v) =>
      api2(v.user, 'ZoneEdit::add_zone_record', {
        domain: v.domain,
        name: 'api2',
        type: 'TXT',
        txtdata: 'x',
        ttl: 300,
      }),
    facts: (data) => ({ hasSerial: /^\d+$/u.test(String(at(data, 0, 'result', 'newserial'))) }),
    expect: { hasSerial: true },
  }),
  refuses(
    {
      id: 'dns.api2-foreign',
      assumption: 'API 2 refuses an edit of a zone that the account does not have.',
      call: (v) =>
        api2(v.user, 'ZoneEdit::add_zone_record', {
          domain: `none.${v.otherDomain}`,
          name: 'x',
          type: 'TXT',
          txtdata: 'x',
        }),
      text: /./u,
    },
    yes,
  ),
  makes(
    {
      id: 'dns.api2-reset',
      assumption: 'API 2 resetzone answers with status and statusmsg inside result.',
      call: (v) => api2(v.user, 'ZoneEdit::resetzone', { domain: v.domain }),
      facts: (data) => ({ hasStatus: at(data, 0, 'result', 'status') !== null }),
      expect: { hasStatus: true },
    },
    { checks: ['api2.resetzone'] },
  ),
];
