import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { absent, type Known } from '../../../src/filesync/model.ts';
import { Store } from '../../../src/filesync/store.ts';
import { chanceOf } from '../../support/chaos.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';

const live: Known = {
  version: [1, 0],
  state: { kind: 'directory', mode: 0o755, user: 'bob', group: 'bob', attributes: '' },
};
const gone: Known = { version: [2, 0], state: absent, agreed: live.state, pending: true };
const key = 'home/bob/d/e';

let dir: TempDir;
let store: Store;

/** As a scan does: everything is read, in order. */
const below = (one: Store): Map<string, Known> => new Map(one.under('home/bob'));

function put(model: Map<string, Known>, one: string, known: Known | undefined): undefined {
  if (known === undefined) {
    store.remove(one);
    model.delete(one);
  } else {
    store.set(one, known);
    model.set(one, known);
  }
}

describe('the memory of paths', () => {
  beforeEach(() => {
    dir = tempDir('filesync-store');
    store = new Store(dir.path);
  });
  afterEach(async () => {
    await store.close();
    dir.remove();
  });

  it('a listing while an older value is still being written brings that value back neither now nor later', async () => {
    store.set(key, live);
    const first = store.commit();
    await Promise.resolve();
    store.set(key, gone);
    store.setNote('isolated', true);
    expect(below(store)).toEqual(new Map([[key, gone]]));
    expect(store.get(key)).toEqual(gone);
    await first;
    expect([store.get(key), store.note('isolated')]).toEqual([gone, true]);
    expect([...store.pending]).toEqual([key]);
  });

  it('what is new waits for the other side in a first sync, and is written in the end and before a listing', async () => {
    const fresh: Known = { ...live, pending: true };
    store.isPatient = true;
    store.set(key, fresh);
    store.set('home/bob/left', gone);
    await store.commit();
    const written = (): string[] => {
      const found: string[] = [];
      store.load((one) => void found.push(one));
      return found;
    };
    expect([written(), store.get(key)]).toEqual([['home/bob/left'], fresh]);
    store.set(key, live);
    await store.commit();
    expect(written()).toEqual([key, 'home/bob/left']);
    store.set('home/bob/d/f', fresh);
    await store.commit();
    expect(below(store).get('home/bob/d/f')).toEqual(fresh);
    store.set('home/bob/d/g', fresh);
    await store.close();
    store = new Store(dir.path);
    expect(written()).toEqual([key, 'home/bob/d/f', 'home/bob/d/g', 'home/bob/left']);
  });

  it('nor does one that is removed come back', async () => {
    store.set(key, live);
    const first = store.commit();
    await Promise.resolve();
    store.remove(key);
    expect(below(store).size).toBe(0);
    expect(store.get(key)).toBeUndefined();
    await first;
    expect([store.get(key), below(store).size]).toEqual([undefined, 0]);
  });

  it('does not say what it said before once much has been set anew', async () => {
    const all = Array.from({ length: 400 }, (_, n) => `home/bob/${n}`);
    for (const one of all) store.set(one, live);
    await store.commit();
    for (const one of all) expect(store.get(one)).toEqual(live);
    for (const one of all) store.set(one, gone);
    await store.commit();
    for (const one of all) expect([store.get(one), store.kind(one)]).toEqual([gone, 'absent']);
    for (const one of all) store.remove(one);
    await store.commit();
    for (const one of all) expect(store.get(one)).toBeUndefined();
  });

  it('a note is what was said last, also while it is being written', async () => {
    store.setNote('level', true);
    const first = store.commit();
    await Promise.resolve();
    expect(store.note('level')).toBe(true);
    store.setNote('level', false);
    expect(store.note('level')).toBe(false);
    await first;
    expect(store.note('level')).toBe(false);
  });

  it.each([1, 2, 3])('says what was set last, whatever is written when (seed %i)', async (seed) => {
    const random = chanceOf(seed).int;
    const model = new Map<string, Known>();
    const deeds: readonly ((one: string, step: number) => Promise<void> | undefined)[] = [
      (one, step) => put(model, one, { ...live, version: [step, 0] }),
      (one, step) => put(model, one, { ...gone, version: [step, 0] }),
      (one) => put(model, one, undefined),
      () => void store.commit(),
      () => void expect(below(store)).toEqual(new Map([...model].sort())),
      (one) => void expect(store.get(one)).toEqual(model.get(one)),
      (one) => void expect(store.kind(one)).toBe(model.get(one)?.state.kind ?? 'absent'),
      () => new Promise((resolve) => setTimeout(resolve, random(3))),
    ];
    for (let step = 0; step < 400; step++) {
      await deeds[random(deeds.length)]?.(`home/bob/${random(6)}`, step);
    }
    await store.commit();
    expect(below(store)).toEqual(new Map([...model].sort()));
    const pending = [...model].flatMap(([one, known]) => (known.pending ? [one] : []));
    expect([...store.pending].sort()).toEqual(pending.sort());
  });
});
