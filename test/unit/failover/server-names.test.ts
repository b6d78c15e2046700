import { describe, expect, it } from 'vitest';
import { planZone } from '../../../src/failover/apply/plan-zone.ts';
import { rulesOf } from '../../../src/failover/apply/rules.ts';

/** 'www1' and 'www2': each has its own master's address, whichever master a zone was made on. */

const rules = rulesOf({
  masters: [
    { id: 'm1', hostname: 'm1.host.example' },
    { id: 'm2', hostname: 'm2.host.example' },
  ],
  pairs: [{ m1: '192.0.2.11', m2: '198.51.100.11' }],
  stays: ['www1', 'www2'],
  ttlAtMost: 60,
  home: 'm1',
});

function zone(address: string): string {
  return `$TTL 60
a.example. IN SOA ns1.host.example. root.host.example. ( 2026110100 3600 1800 1209600 86400 )
a.example. IN NS ns1.host.example.
www1 IN A 192.0.2.11
www2 IN A 198.51.100.11
a.example. IN A ${address}
`;
}
const wish = (active: string) => ({ zone: 'a.example', active, instant: Date.UTC(2026, 10, 28) });

describe('names that stay on their server', () => {
  it.each([
    ['m1', '192.0.2.11', 'm2', '198.51.100.11'],
    ['m2', '198.51.100.11', 'm1', '192.0.2.11'],
  ])('do not tell whose a zone of %s is, and do not move', (home, address, other, moved) => {
    const plan = planZone(zone(address), wish(other), [], rules);
    expect(plan).toMatchObject({ kind: 'write', state: { home, to: other }, values: 1 });
    if (plan.kind !== 'write') return;
    expect(plan.text).toContain('www1 IN A 192.0.2.11\nwww2 IN A 198.51.100.11\n');
    expect(plan.text).toContain(`a.example. IN A ${moved}`);
    const back = planZone(plan.text, { ...wish(home), instant: Date.UTC(2026, 10, 29) }, [plan.state], rules);
    expect(back.kind === 'write' && back.text.replace('2026112900', '2026110100')).toBe(zone(address));
  });

  it('are no proof that a name server has loaded the zone', () => {
    const plan = planZone(zone('192.0.2.11'), wish('m1'), [], rules);
    expect(plan).toMatchObject({ kind: 'same', probe: { name: 'a.example.', address: '192.0.2.11' } });
  });
});
