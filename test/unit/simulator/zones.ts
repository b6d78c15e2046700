/** Zones as tests look at them. */
import { account, type TestServer, testServer } from './server.ts';

export interface Line {
  readonly line_index: number;
  readonly type: string;
  readonly dname_b64?: string;
  readonly record_type?: string;
  readonly ttl?: number;
  readonly data_b64?: readonly string[];
}

/** Base64 to text. */
export const text = (b64: string | undefined): string => Buffer.from(b64 ?? '', 'base64').toString();

/** The zone as parse_dns_zone shows it. */
export function linesOf(server: TestServer, zone: string): readonly Line[] {
  const { payload } = server.data(server.whm('parse_dns_zone', { zone })) as { payload: readonly Line[] };
  return payload;
}

/** Every record as 'name TYPE values'. */
export function records(server: TestServer, zone: string): readonly string[] {
  return linesOf(server, zone)
    .filter((l) => l.type === 'record')
    .map((l) => `${text(l.dname_b64)} ${l.record_type} ${(l.data_b64 ?? []).map(text).join(' ')}`);
}

/** The zone’s serial now. */
export function serial(server: TestServer, zone: string): string {
  return text(linesOf(server, zone).find((l) => l.record_type === 'SOA')?.data_b64?.[2]);
}

/** The line index of the first such record. */
export function lineOf(server: TestServer, zone: string, name: string, type: string): number {
  const found = linesOf(server, zone).find((l) => text(l.dname_b64) === name && l.record_type === type);
  if (found === undefined) throw new Error(`no ${name} ${type}`);
  return found.line_index;
}

/** Two servers with the same account, 'bob'. */
export function pair(): readonly [TestServer, TestServer] {
  const servers = [testServer('m1', '192.0.2.1'), testServer('m2', '192.0.2.2')] as const;
  account('bob', servers);
  return servers;
}
