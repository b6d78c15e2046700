import { describe, expect, it } from 'vitest';
import { askAll, askPackets } from '../../../src/failover/publish/ask.ts';

const { signal } = new AbortController();
/** Nothing is sent: the kernel refuses to connect a socket to everybody. */
const nowhere = { address: '255.255.255.255', port: 53, signal };

describe('a name server that cannot be routed to', () => {
  it('is silent, with the reason, and ends nothing', async () => {
    const questions = ['a.example', 'b.example'].map((name) => ({ name, type: 'SOA' }) as const);
    const heard = await askAll(questions, nowhere);
    expect(heard).toMatchObject([
      { kind: 'silent', why: expect.stringContaining('EACCES') },
      { kind: 'silent', why: expect.stringContaining('EACCES') },
    ]);
    expect(await askPackets(questions, nowhere)).toEqual([undefined, undefined]);
  });
});
