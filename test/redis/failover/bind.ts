import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoneBytes } from '../../../src/failover/zone/lexer.ts';

/** One record as BIND understood it. */
export interface Canonical {
  readonly owner: string;
  readonly ttl: number;
  readonly type: string;
  readonly data: string;
}

const lenient = ['-i', 'none', ...['-k', '-n', '-m', '-r', '-M', '-S', '-W'].flatMap((flag) => [flag, 'ignore'])];

/** What BIND makes of a zone file; throws with its words when it refuses the zone. */
export function compiled(dir: string, name: string, text: string): readonly Canonical[] {
  const file = join(dir, 'zone.db');
  writeFileSync(file, zoneBytes(text));
  const done = spawnSync('named-compilezone', [...lenient, '-s', 'full', '-o', '-', name, file], {
    encoding: 'latin1',
  });
  if (done.status !== 0) throw new Error(`named-compilezone refuses:\n${done.stderr}\n${text}`);
  return done.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, owner = '', ttl = '', type = '', data = ''] = /^(\S+)\s+(\d+) IN (\S+)\s+(.*)$/.exec(line) ?? [];
      return { owner: owner.toLowerCase(), ttl: Number(ttl), type, data };
    });
}
