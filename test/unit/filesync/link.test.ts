import { execFileSync } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { dial, wayTo } from '../../../src/filesync/link.ts';
import { missing } from '../../support/processes.ts';

describe('the way to the other master', () => {
  it.skipIf(missing('ssh') !== undefined)('asks for the ciphers that ssh itself would, quick ones first', () => {
    const way = wayTo({ host: 'm2', port: 22, user: 'root', key: '/key', knownHosts: '/known' });
    const ciphersOf = (more: readonly string[]): string[] => {
      const words = ['-F', 'none', ...more, '-G', 'm2'];
      const said = execFileSync('ssh', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      return (/^ciphers (.*)$/m.exec(said)?.[1] ?? '').split(',');
    };
    const asked = ciphersOf(way.words);
    expect(asked[0]).toBe('aes128-gcm@openssh.com');
    expect(asked.toSorted()).toEqual(ciphersOf([]).toSorted());
  });

  it('brings what is written in a row as it was written, there and back, and ends with its program', async () => {
    const parts = Array.from({ length: 300 }, (_, n) => Buffer.alloc(1 + ((n * 7919) % 20_000), n));
    const all = Buffer.concat(parts);
    const come: Buffer[] = [];
    await new Promise<void>((resolve, reject) => {
      const onStream = (stream: Duplex): void => {
        stream.on('error', reject);
        stream.on('data', (chunk: Buffer) => {
          come.push(chunk);
          if (come.reduce((sum, one) => sum + one.length, 0) >= all.length) void link.close();
        });
        stream.on('close', resolve);
        for (const from of [0, 100, 200]) {
          stream.cork();
          for (const part of parts.slice(from, from + 100)) stream.write(part);
          stream.uncork();
        }
      };
      const link = dial({ command: ['sh', '-c', 'cat'] }, { log: pino({ level: 'silent' }), onStream });
    });
    expect(Buffer.concat(come).equals(all)).toBe(true);
  });
});
