import { describe, expect, it } from 'vitest';
import { type AuditEntry, brokenAt, hashOf } from '../../../src/auth/audit.ts';

function trail(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const bare = {
      seq,
      at: 1000 + seq,
      actor: 'ana',
      kind: 'person',
      address: '192.0.2.7',
      event: 'sign-in',
      subject: '',
      detail: `${seq}`,
      previous: entries.at(-1)?.hash ?? '',
    };
    entries.push({ ...bare, hash: hashOf(bare) });
  }
  return entries;
}

describe('the chain of the audit trail', () => {
  it('is whole as it was written', () => {
    expect(brokenAt(trail(4))).toBeUndefined();
    expect(brokenAt([])).toBeUndefined();
  });

  it.each(['at', 'actor', 'kind', 'address', 'event', 'subject', 'detail'] as const)(
    'breaks when %s is changed',
    (field) => {
      const entries = trail(4);
      const second = entries[1];
      if (second === undefined) throw new Error('too short');
      entries[1] = { ...second, [field]: field === 'at' ? 7 : 'somebody else' };
      expect(brokenAt(entries)).toBe(2);
    },
  );

  it('breaks when an entry is taken out', () => {
    expect(brokenAt(trail(4).toSpliced(1, 1))).toBe(2);
  });

  it('breaks at the next entry when one is changed and hashed anew', () => {
    const entries = trail(4);
    const second = entries[1];
    if (second === undefined) throw new Error('too short');
    const forged = { ...second, actor: 'eve' };
    entries[1] = { ...forged, hash: hashOf(forged) };
    expect(brokenAt(entries)).toBe(3);
  });
});
