import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Invalid, Refused } from '../../src/errors.ts';
import { startMariadb, type TestMariadb } from '../support/mariadb.ts';
import { type OpenAuthForTests, openTestAuth } from '../support/portal.ts';

const hour = 60 * 60_000;

describe.each(['sqlite', 'mariadb'] as const)('on %s', (kind) => {
  const now = Date.UTC(2026, 0, 1);
  let server: TestMariadb | undefined;
  let open: OpenAuthForTests;
  const actor = { kind: 'person', name: 'ana' };

  beforeAll(async () => {
    server = kind === 'mariadb' ? await startMariadb() : undefined;
    open = await openTestAuth(() => now, server === undefined ? undefined : { kind: 'mariadb', ...server });
  });
  afterAll(async () => {
    await open.close();
    await server?.stop();
  });

  describe('maintenance windows', () => {
    const window = (master: string, from: number, to: number) => ({
      ...{ master, reason: 'kernel', author: 'ana' },
      ...{ begins_at: now + from * hour, ends_at: now + to * hour },
    });

    it('never overlap, whichever masters they are of', async () => {
      await open.auth.desk.maintenanceAdd(window('m1', 1, 2));
      await open.auth.desk.maintenanceAdd(window('m2', 2, 3));
      for (const [from, to] of [
        [1.5, 1.8],
        [0, 1.1],
        [2.9, 9],
        [0, 9],
      ] as const)
        await expect(open.auth.desk.maintenanceAdd(window('m2', from, to))).rejects.toBeInstanceOf(Refused);
      expect((await open.auth.desk.maintenance()).map((one) => one.master)).toEqual(['m1', 'm2']);
    });

    it('planned at the same moment, only one is taken', async () => {
      const both = ['m1', 'm2'].map((master) => open.auth.desk.maintenanceAdd(window(master, 20, 21)));
      const results = await Promise.allSettled(both);
      expect(results.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('end after they begin, and are not over', async () => {
      await expect(open.auth.desk.maintenanceAdd(window('m1', 5, 5))).rejects.toBeInstanceOf(Invalid);
      await expect(open.auth.desk.maintenanceAdd(window('m1', -5, -1))).rejects.toBeInstanceOf(Invalid);
      await expect(open.auth.desk.maintenanceAdd(window('m1', 30, 900))).rejects.toBeInstanceOf(Invalid);
    });
  });

  describe('the signed head of the audit trail', () => {
    it('shows an end that was cut off, and a head that somebody else signed', async () => {
      for (const event of ['one', 'two', 'three']) await open.auth.audit({ actor, event });
      const head = await open.auth.auditHead();
      expect(head.seq).toBe(3);
      await open.auth.audit({ actor, event: 'four' });
      expect(await open.auth.auditHeadProblem(head)).toBeUndefined();
      expect(await open.auth.auditHeadProblem({ ...head, seq: 2 })).toContain('not signed');
      await expect(open.auth.auditHeadProblem({ seq: 1 })).rejects.toBeInstanceOf(Invalid);
      const other = await openTestAuth(() => now);
      expect(await other.auth.auditHeadProblem(head)).toContain('not signed');
      await other.close();
    });

    it('is found by who, what and event, and exported whole and in order', async () => {
      await open.auth.audit({ actor: { kind: 'person', name: 'tom_1' }, event: 'operation.accept', subject: '01X' });
      const found = async (filter: object) =>
        (await open.auth.auditFind({ limit: 10, ...filter })).map((entry) => entry.event);
      expect(await found({ q: 'tom_' })).toEqual(['operation.accept']);
      expect(await found({ q: 'tomx' })).toEqual([]);
      expect(await found({ event: 'operation' })).toEqual(['operation.accept']);
      const all: number[] = [];
      for await (const page of open.auth.auditPages()) all.push(...page.map((entry) => Number(entry.seq)));
      expect(all).toEqual([1, 2, 3, 4, 5]);
    });
  });

  it('notes and saved zones are kept with who wrote them', async () => {
    await open.auth.desk.noteAdd('bob', 'ana', ' called about mail ');
    await expect(open.auth.desk.noteAdd('bob', 'ana', ' ')).rejects.toBeInstanceOf(Invalid);
    expect(await open.auth.desk.notes('bob')).toMatchObject([{ author: 'ana', text: 'called about mail' }]);
    expect(await open.auth.desk.notes('eve')).toEqual([]);
    for (let n = 0; n < 25; n += 1) await open.auth.desk.zoneSave('bob.example', 'ana', `[${n}]`);
    const saves = await open.auth.desk.zoneSaves('bob.example');
    expect(saves.length).toBe(20);
    expect(await open.auth.desk.zoneSaved('eve.example', saves[0]?.id ?? '')).toBeUndefined();
  });

  it('a brand is a title, two colours and an SVG', async () => {
    const brand = { reseller: 'acme', title: 'Acme', light: '#0b6b63', dark: '#4fc7ba', logo: '' };
    await open.auth.desk.brandPut(brand);
    await open.auth.desk.brandPut({ ...brand, title: 'Acme Hosting' });
    expect(await open.auth.desk.brand('acme')).toMatchObject({ title: 'Acme Hosting' });
    await expect(open.auth.desk.brandPut({ ...brand, light: 'red;}' })).rejects.toBeInstanceOf(Invalid);
  });
});
