import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { whm } from '../../../src/whm/call.ts';
import { fault } from '../../support/pair.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
const zone = 'bob.example';

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

interface Line {
  readonly Line: number;
  readonly name?: string;
  readonly type: string;
  readonly address?: string;
  readonly txtdata?: string;
}

async function dumped(ask: { authorization?: string } = {}): Promise<readonly Line[]> {
  const headers = ask.authorization === undefined ? {} : { headers: { authorization: ask.authorization } };
  const answer = (await stage.whm(`/json-api/dumpzone?api.version=1&domain=${zone}`, headers)).json();
  return (answer['data'] as { zone: [{ record: Line[] }] }).zone[0].record;
}

interface Parsed {
  readonly serial: string;
  line(name: string): number;
}

async function parsed(): Promise<Parsed> {
  const answer = (await stage.whm(`/json-api/parse_dns_zone?api.version=1&zone=${zone}`)).json();
  const { payload } = answer['data'] as { payload: Record<string, never>[] };
  const text = (value: unknown) => Buffer.from(String(value), 'base64').toString();
  const soa = payload.find((row) => row['record_type'] === 'SOA') as { data_b64: string[] } | undefined;
  return {
    serial: text(soa?.data_b64[2]),
    line: (name) => Number(payload.find((row) => text(row['dname_b64']).startsWith(name))?.['line_index']),
  };
}

/** Addresses or texts of a name on one master, read past Tandem. */
async function on(master: string, name: string): Promise<readonly string[]> {
  const outcome = await stage.pair.core.clients.get(master)?.call(whm('dumpzone', { domain: zone }));
  if (outcome?.kind !== 'done') throw new Error(`${master} did not answer`);
  const { record } = (outcome.data as { zone: [{ record: Line[] }] }).zone[0];
  return record.filter((r) => r.name === `${name}.${zone}.`).map((r) => r.address ?? r.txtdata ?? '');
}

async function both(name: string, wanted: readonly string[]): Promise<void> {
  for (const master of ['m1', 'm2'])
    await vi.waitFor(async () => expect(await on(master, name)).toEqual(wanted), 10_000);
}

async function call(path: string): Promise<Record<string, unknown>> {
  return (await stage.whm(`/json-api/${path}`)).json();
}

const add = (name: string, address = '192.0.2.9') =>
  call(`addzonerecord?api.version=1&domain=${zone}&name=${name}&type=A&address=${address}&ttl=300`);
const lineOf = (lines: readonly Line[], name: string) => lines.find((l) => l.name === `${name}.${zone}.`)?.Line ?? 0;
const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));

describe('lines and serials of a client', () => {
  let number = 0;
  let name = '';
  beforeEach(() => {
    number += 1;
    name = `r${number}`;
  });

  it('two equal addzonerecords make two records on both masters', async () => {
    expect(await add(name)).toMatchObject({ metadata: { result: 1, reason: expect.stringContaining('rndc') } });
    await add(name);
    await both(name, ['192.0.2.9', '192.0.2.9']);
  });

  it('a record is edited and removed by the line that dumpzone gave', async () => {
    await add(name);
    const line = lineOf(await dumped(), name);
    expect(await call(`editzonerecord?api.version=1&domain=${zone}&line=${line}&address=192.0.2.8`)).toMatchObject({
      metadata: { result: 1 },
    });
    await both(name, ['192.0.2.8']);
    await call(`removezonerecord?api.version=1&zone=${zone}&line=${lineOf(await dumped(), name)}`);
    await both(name, []);
  });

  it('lines move up under the client’s own removal, without a new read', async () => {
    for (const part of ['a', 'b', 'c']) await add(`${name}${part}`);
    const first = lineOf(await dumped(), `${name}a`);
    for (const _ of [1, 2]) await call(`removezonerecord?api.version=1&zone=${zone}&line=${first}`);
    await both(`${name}a`, []);
    await both(`${name}b`, []);
    await both(`${name}c`, ['192.0.2.9']);
  });

  it('a line still means the record that was there, though another client wrote meanwhile', async () => {
    await add(`${name}x`);
    await add(`${name}y`);
    const lines = await dumped();
    const { token } = await stage.pair.core.auth.tokenCreate({ owner: 'root', label: `o${number}`, acl: ['all'] });
    const other = { authorization: `whm root:${token}` };
    const theirs = lineOf(await dumped(other), `${name}x`);
    await stage.whm(`/json-api/removezonerecord?api.version=1&zone=${zone}&line=${theirs}`, { headers: other });
    await call(`removezonerecord?api.version=1&zone=${zone}&line=${lineOf(lines, `${name}y`)}`);
    await both(`${name}x`, []);
    await both(`${name}y`, []);
  });

  it('mass_edit_dns_zone adds, edits and removes at once and answers a serial as text that goes on', async () => {
    await add(`${name}e`);
    await add(`${name}d`);
    const { serial, line } = await parsed();
    const edits =
      `add-0=${json({ dname: `${name}n`, ttl: 60, record_type: 'TXT', data: ['hello'] })}` +
      `&edit-0=${json({ line_index: line(`${name}e`), dname: `${name}e`, ttl: 60, record_type: 'A', data: ['192.0.2.7'] })}` +
      `&remove-0=${line(`${name}d`)}`;
    const answer = await call(`mass_edit_dns_zone?api.version=1&zone=${zone}&serial=${serial}&${edits}`);
    expect(answer).toMatchObject({ metadata: { result: 1 }, data: { new_serial: expect.stringMatching(/^\d+$/) } });
    await both(`${name}n`, ['hello']);
    await both(`${name}e`, ['192.0.2.7']);
    await both(`${name}d`, []);
    const next = String((answer['data'] as { new_serial: string }).new_serial);
    const more = `add-0=${json({ dname: `${name}m`, ttl: 60, record_type: 'A', data: ['192.0.2.6'] })}`;
    expect(await call(`mass_edit_dns_zone?api.version=1&zone=${zone}&serial=${next}&${more}`)).toMatchObject({
      metadata: { result: 1 },
    });
  });

  it('a stale serial answers as cPanel does, and nothing is written', async () => {
    const { serial } = await parsed();
    await add(`${name}s`);
    const edits = `add-0=${json({ dname: name, ttl: 60, record_type: 'A', data: ['192.0.2.6'] })}`;
    for (const given of [serial, '1']) {
      const answer = await call(`mass_edit_dns_zone?api.version=1&zone=${zone}&serial=${given}&${edits}`);
      const reason = `The given serial number (${given}) does not match the DNS zone’s serial number (`;
      expect(answer).toMatchObject({ metadata: { result: 0, reason: expect.stringContaining(reason) } });
    }
    await both(name, []);
  });

  it('certbot’s way: ZoneEdit adds, finds with filters, and removes by the line found', async () => {
    const two = (func: string, query: string) =>
      call(
        `cpanel?cpanel_jsonapi_user=bob&cpanel_jsonapi_apiversion=2&cpanel_jsonapi_module=ZoneEdit&cpanel_jsonapi_func=${func}&domain=${zone}&${query}`,
      );
    const record = `name=_acme${number}&type=TXT&txtdata=proof&ttl=60`;
    expect(await two('add_zone_record', record)).toMatchObject({
      cpanelresult: { data: [{ result: { status: 1, newserial: expect.stringMatching(/^\d+$/) } }] },
    });
    await both(`_acme${number}`, ['proof']);
    const found = await two('fetchzone_records', `name=_acme${number}.${zone}.&type=TXT&txtdata=proof`);
    const [row] = (found['cpanelresult'] as { data: { line: number }[] }).data;
    await two('remove_zone_record', `line=${row?.line}`);
    await both(`_acme${number}`, []);
    expect(await two('remove_zone_record', 'line=9999')).toMatchObject({
      cpanelresult: { data: [{ result: { status: 0, newserial: null } }] },
    });
  });

  it('lines that M1 gave are good after M1 went down, and M1 follows when it is back', async () => {
    await add(name);
    const { serial, line } = await parsed();
    await both(name, ['192.0.2.9']);
    await fault(stage.pair.m1, { kind: 'down', function: '*' });
    try {
      const answer = await call(
        `mass_edit_dns_zone?api.version=1&zone=${zone}&serial=${serial}&remove-0=${line(name)}`,
      );
      expect(answer['metadata']).toMatchObject({ result: 1, reason: 'OK' });
    } finally {
      await stage.healed();
    }
    await both(name, []);
  });
});
