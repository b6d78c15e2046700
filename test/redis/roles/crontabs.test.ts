/** The wanted crontab stays what the masters took: a change that is refused later falls back to what was good before. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperationState, OperationView } from '../../../src/operations/model.ts';
import { crontabsOf } from '../../../src/roles/crontabs.ts';
import type { Crontabs, WantedCron } from '../../../src/routes/customer/deps.ts';
import { openJournal } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import { testLog } from '../../support/log.ts';
import { tempDir } from '../../support/processes.ts';

const table = (...commands: readonly string[]): WantedCron => ({
  email: '',
  jobs: commands.map((command) => ({ minute: '0', hour: '3', day: '*', month: '*', weekday: '*', command })),
});

describe('the wanted crontab', () => {
  const states = new Map<string, OperationState>();
  let crontabs: Crontabs;
  let close: () => Promise<void>;

  beforeEach(async () => {
    const dir = tempDir();
    const journal = await openJournal({ kind: 'sqlite', file: `${dir.path}/journal.sqlite` }, { log: testLog().log });
    await migrate(journal, migrations);
    states.clear();
    // Of an operation only its state is asked for.
    const get = async (id: string) => {
      const state = states.get(id);
      return state === undefined ? undefined : ({ id, state } as OperationView);
    };
    crontabs = crontabsOf({ journal, operations: { get } as never });
    close = async () => {
      await journal.close();
      dir.remove();
    };
  });
  afterEach(() => close());

  async function change(id: string, state: OperationState, wanted: WantedCron): Promise<void> {
    states.set(id, state);
    await crontabs.keep('bob', wanted, 'm1', id);
  }

  it('is what was asked for while nobody has decided, and stays it once a master took it', async () => {
    await change('1', 'accepted', table('a'));
    expect(await crontabs.wanted('bob')).toEqual(table('a'));
    states.set('1', 'done');
    expect(await crontabs.wanted('bob')).toEqual(table('a'));
  });

  it.each(['refused', 'withdrawn'] as const)('is the one before when the change is %s later', async (end) => {
    await change('1', 'done', table('a'));
    await change('2', 'undecided', table('a', 'bad'));
    expect(await crontabs.wanted('bob')).toEqual(table('a', 'bad'));
    states.set('2', end);
    expect(await crontabs.wanted('bob')).toEqual(table('a'));
    // And nothing of it is left: the next change builds on what is good.
    await change('3', 'done', table('a', 'c'));
    expect(await crontabs.wanted('bob')).toEqual(table('a', 'c'));
  });

  it('is none of Tandem’s when the very first change is refused', async () => {
    await change('1', 'accepted', table('bad'));
    states.set('1', 'refused');
    expect(await crontabs.wanted('bob')).toBeUndefined();
  });

  it('falls back past a second change that was built on an undecided one', async () => {
    await change('1', 'done', table('a'));
    await change('2', 'accepted', table('a', 'bad'));
    await change('3', 'accepted', table('a', 'bad', 'c'));
    states.set('2', 'refused').set('3', 'refused');
    expect(await crontabs.wanted('bob')).toEqual(table('a'));
  });

  it('keeps accounts apart', async () => {
    await change('1', 'accepted', table('a'));
    await crontabs.keep('eve', table('e'), 'm1', '1');
    states.set('1', 'refused');
    expect(await crontabs.wanted('eve')).toBeUndefined();
    expect(await crontabs.wanted('bob')).toBeUndefined();
  });
});
