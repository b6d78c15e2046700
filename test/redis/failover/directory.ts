import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/clock.ts';
import { inlinePlanner } from '../../../src/failover/apply/planner.ts';
import { type MoveConfig, moveConfig } from '../../../src/failover/apply/rules.ts';
import type { PublishOrder } from '../../../src/failover/publish/model.ts';
import { openPublish } from '../../../src/failover/publish/open-publish.ts';
import type { Publisher } from '../../../src/failover/publish/publisher.ts';
import type { PublishDeps } from '../../../src/failover/publish/run.ts';
import { defaultLimits } from '../../../src/failover/safety.ts';
import { mastersOf } from '../../../src/masters.ts';
import { testLog } from '../../support/log.ts';

/** A zone directory as cPanel writes it, and all that works on it. */

export const addresses = { m1: '192.0.2.11', m2: '198.51.100.11' };
const master = (id: 'm1' | 'm2') => ({
  id,
  name: id.toUpperCase(),
  site: id,
  hostname: `${id}.host.example`,
  address: addresses[id],
});
export const masters = mastersOf([master('m1'), master('m2')]);

export const moves: MoveConfig = moveConfig(masters, {
  pairs: [{ m1: '2001:db8:1::11', m2: '2001:db8:2::11' }],
  stays: ['www1', 'www2'],
  ttlAtMost: 60,
});

export function zoneNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `cust${String(at).padStart(5, '0')}.example`);
}

export function cpanelZone(zone: string, address = addresses.m1, serial = 2026110100): string {
  return `; cPanel first:11.110.0.15 (update_time):1700000000 hostname:m1.host.example
; Zone file for ${zone}
$TTL 14400
${zone}.	86400	IN	SOA	ns1.host.example.	root.m1.host.example.	(
						${serial} ;Serial Number
						3600 ;refresh
						1800 ;retry
						1209600 ;expire
						86400 )
${zone}.	86400	IN	NS	ns1.host.example.
${zone}.	14400	IN	A	${address}
${zone}.	14400	IN	AAAA	2001:db8:1::11
${zone}.	14400	IN	MX	0	${zone}.
mail	14400	IN	CNAME	${zone}.
ftp	14400	IN	A	${address}
www1	14400	IN	A	${address}
ext	14400	IN	A	198.51.100.77
${zone}.	14400	IN	TXT	"v=spf1 ip4:192.0.2.11 ip4:198.51.100.11 +a +mx ~all"
`;
}

export function writeZones(dir: string, zones: readonly string[]): void {
  mkdirSync(dir, { recursive: true });
  for (const zone of zones) writeFileSync(join(dir, `${zone}.db`), cpanelZone(zone));
}

export function readAll(dir: string): ReadonlyMap<string, string> {
  const names = readdirSync(dir, { withFileTypes: true }).flatMap((one) => (one.isFile() ? [one.name] : []));
  names.sort();
  return new Map(names.map((name) => [name, readFileSync(join(dir, name), 'latin1')]));
}

/** A directory's texts without their serials: what a switch and a return must leave as it was. */
export function withoutSerials(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...files].map(([name, text]) => [name, text.replace(/\d+ ;Serial/, 'N ;Serial')]));
}

export function order(epoch: number, pair: string, accounts: Readonly<Record<string, string>> = {}): PublishOrder {
  return { epoch, node: 's3', parents: [], instant: Date.UTC(2026, 10, 28, 12, epoch), active: { pair, accounts } };
}

export function open(base: string, dir: string, publishers: readonly Publisher[], more: Partial<PublishDeps> = {}) {
  return openPublish({
    dir,
    stateDir: join(base, 'state'),
    accountsFile: join(base, 'userdomains'),
    planner: inlinePlanner(moves),
    publishers,
    limits: defaultLimits,
    home: 'm1',
    clock: systemClock,
    ticks: () => performance.now(),
    log: testLog().log,
    ...more,
  });
}
