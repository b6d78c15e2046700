import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askSigned } from '../../../src/failover/publish/ask-signed.ts';
import { whyBogus } from '../../../src/failover/publish/dnssec.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { startBind } from './name-servers.ts';

const lacking = ['named', 'dnssec-keygen', 'dnssec-signzone'].map((one) => missing(one)).find(Boolean);
const { signal } = new AbortController();
let base: TempDir;

beforeAll(() => {
  base = tempDir('signed-algorithms');
});
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(() => base.remove());

describe('answers that BIND signed', () => {
  it.each(['RSASHA256', 'RSASHA512', 'ECDSAP384SHA384', 'ED25519', 'ED448'])(
    'are checked with keys of %s, also what a wildcard answers',
    async (algorithm) => {
      const dir = join(base.path, algorithm);
      mkdirSync(dir, { recursive: true });
      const zone = `${algorithm.toLowerCase()}.example`;
      const text =
        '$TTL 60\n@ IN SOA ns root 1 60 60 600 60\n@ IN NS ns\n@ IN A 192.0.2.7\nns IN A 127.0.0.1\n*.w IN A 192.0.2.8\n';
      writeFileSync(join(dir, 'zone'), text);
      const run = (program: string, ...args: string[]) => execFileSync(program, args, { cwd: dir, stdio: 'pipe' });
      run('dnssec-keygen', '-a', algorithm, '-K', dir, zone);
      run('dnssec-signzone', '-S', '-z', '-K', dir, '-o', zone, '-f', 'signed', 'zone');
      const statements = `zone "${zone}" { type master; file "${dir}/signed"; };`;
      const bind = await startBind({ name: algorithm, dir, zonesDir: dir, zones: [zone], statements });
      try {
        const [keySet, one, wild] = await askSigned(
          [
            { name: zone, type: 'DNSKEY' },
            { name: zone, type: 'A' },
            { name: `any.w.${zone}`, type: 'A' },
          ],
          { ...bind, signal },
        );
        if (keySet === undefined || one === undefined || wild === undefined) throw new Error('no answer');
        expect(whyBogus(zone, keySet, one, undefined, Date.now())).toBeUndefined();
        expect(whyBogus(zone, keySet, wild, undefined, Date.now())).toBeUndefined();
        const other = { ...wild, rdata: one.rdata };
        expect(whyBogus(zone, keySet, other, undefined, Date.now())).toBe('its signature is wrong');
      } finally {
        await bind.running.end('SIGTERM');
      }
    },
    30_000,
  );
});
