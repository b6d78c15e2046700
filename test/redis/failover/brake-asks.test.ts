import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandOf } from '../../../src/cli/failover.ts';
import type { CommandDeps } from '../../../src/failover/commands/deps.ts';
import { runCommand } from '../../../src/failover/commands/index.ts';
import { type CommandResult, commandSchema } from '../../../src/failover/control/schema.ts';
import type { Publish } from '../../../src/failover/publish/model.ts';
import { openStore, type Store } from '../../../src/failover/state/store.ts';
import type { Order } from '../../../src/failover/verdict/orders.ts';
import { warningsOf } from '../../../src/failover/warnings.ts';
import { give } from '../../../src/failover/watch/turn.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { commandDeps } from './commanding.ts';
import { addresses, open, writeZones, zoneNames } from './directory.ts';

/** A watcher's commands over real zones and files, alone: nobody else is asked, and both masters are seen serving. */

const zones = zoneNames(40);
const mine = zones.slice(0, 20);
const { signal } = new AbortController();
let base: TempDir;
let dir: string;
let publish: Publish;
let store: Store;

beforeEach(async () => {
  base = tempDir('brake');
  dir = join(base.path, 'zones');
  writeZones(dir, zones);
  writeFileSync(join(base.path, 'userdomains'), mine.map((zone) => `${zone}: bob\n`).join(''));
  publish = await open(base.path, dir, []);
  store = await openStore({ dir: join(base.path, 'watch'), self: 's3', onLost: () => {}, now: Date.now() });
});
afterEach(async () => {
  await publish.close();
  await store.close();
  base.remove();
});

const commands = (): CommandDeps => commandDeps(publish, store);

/** What a person types, as the shell hands it over. */
async function type(deps: CommandDeps, line: string): Promise<CommandResult> {
  const { positionals, values } = parseArgs({
    args: line.split(' ').slice(2),
    options: { account: { type: 'string' }, confirmed: { type: 'boolean' }, return: { type: 'boolean' } },
    allowPositionals: true,
  });
  return runCommand(deps, commandSchema.parse(commandOf(positionals, values, 'ann', Date.now())));
}

/** Brings the zones to the orders, and answers the command that the warning names. */
async function warned(deps: CommandDeps): Promise<string | undefined> {
  const outcome = await deps.carrier.step(signal);
  const seen = {
    now: 0,
    masters: [],
    orders: store.orders(),
    silent: [],
    active: 'm1',
    obstacles: [],
    lackingKeys: [],
  };
  return warningsOf({ ...seen, outcome })[0]?.command;
}

/** How many zones' own names have this address. */
function pointing(address: string, files = dir): number {
  const texts = zones.map((zone) => readFileSync(join(files, `${zone}.db`), 'latin1'));
  return texts.filter((text) => new RegExp(`example\\.\t\\d+\tIN\tA\t${address}$`, 'm').test(text)).length;
}

const move = (kind: Order['kind'], from: string, to: string, account?: string) => ({
  ...{ kind, from, to, by: 'verdict', evidence: [] },
  ...(account === undefined ? {} : { account }),
});

/** Far more addresses than at the last look. */
function grow(files = dir): void {
  for (const zone of zones)
    for (let n = 0; n < 9; n += 1) appendFileSync(join(files, `${zone}.db`), `n${n}\t60\tIN\tA\t${addresses.m1}\n`);
}

describe('an order that the change brake holds', () => {
  it('to switch goes on with the command of the warning, and with no second order', async () => {
    const deps = commands();
    await type(deps, 'tandem failover prepare m1');
    grow();
    await give(deps.watch, move('switch', 'm1', 'm2'));
    const command = await warned(deps);
    expect(command).toBe('tandem failover switch m1 --confirmed');
    const told = await type(deps, 'tandem failover prepare m1');
    expect(told.sentence).toContain(`the change brake asks. If the numbers are right: ${command}`);
    expect(told.lines.join('\n')).toMatch(/would change \d+ records where \d+ were expected/);
    // Without the word nothing goes on.
    expect(pointing(addresses.m2)).toBe(0);
    expect(await type(deps, command ?? '')).toMatchObject({ exit: 'done', data: { order: '1.s3' } });
    expect(pointing(addresses.m2)).toBe(40);
    expect(store.orders()).toHaveLength(1);
  });

  it('to return goes on, also with the files alone after the watcher was killed', async () => {
    const first = commands();
    await give(first.watch, move('switch', 'm1', 'm2'));
    expect(await warned(first)).toBeUndefined();
    for (const zone of mine) rmSync(join(dir, `${zone}.db`));
    await give(first.watch, move('return', 'm2', 'm1'));
    const command = await warned(first);
    expect(command).toBe('tandem failover return m1 --confirmed');
    expect(await type(first, 'tandem failover prepare m1 --return')).toMatchObject({
      exit: 'refused',
      data: { order: '2.s3' },
    });
    expect(await type(commands(), command ?? '')).toMatchObject({ exit: 'done', data: { order: '2.s3' } });
    expect(store.orders()).toHaveLength(2);
    const text = readFileSync(join(dir, `${zones.at(-1)}.db`), 'latin1');
    expect(text).toContain(`\tA\t${addresses.m1}`);
  });

  it('of one account goes on; words that mean another move do not confirm it', async () => {
    const deps = commands();
    const other = { ...move('switch', 'm1', 'm2', 'bob') };
    await give(deps.watch, other);
    await warned(deps);
    await give(deps.watch, move('switch', 'm2', 'm1', 'bob'));
    await warned(deps);
    grow();
    await give(deps.watch, other);
    const command = await warned(deps);
    expect(command).toBe('tandem failover switch m1 --account bob --confirmed');
    expect(await type(deps, 'tandem failover switch m1 --account bob')).toMatchObject({ exit: 'invalid' });
    expect(await type(deps, 'tandem failover return m1 --confirmed')).toMatchObject({ exit: 'invalid' });
    expect(await type(deps, 'tandem failover return m1 --account bob --confirmed')).not.toMatchObject({ exit: 'done' });
    expect(await type(deps, command ?? '')).toMatchObject({ exit: 'done' });
    expect(store.orders()).toHaveLength(3);
    const text = readFileSync(join(dir, `${mine[0]}.db`), 'latin1');
    expect(text).toContain(`n8\t60\tIN\tA\t${addresses.m2}`);
  });
});

describe('what a person confirms on one watcher', () => {
  /** The other watcher with zones of its own, which hears what this one knows. */
  async function other(work: (deps: CommandDeps, files: string) => Promise<void>): Promise<void> {
    const place = join(base.path, 'other');
    const files = join(place, 'zones');
    writeZones(files, zones);
    writeFileSync(join(place, 'userdomains'), '');
    const zonesThere = await open(place, files, []);
    const storeThere = await openStore({ dir: join(place, 'watch'), self: 's4', onLost: () => {}, now: Date.now() });
    try {
      await work(commandDeps(zonesThere, storeThere), files);
    } finally {
      await zonesThere.close();
      await storeThere.close();
    }
  }
  const hear = async (deps: CommandDeps): Promise<void> => {
    await deps.watch.store.add(store.orders(), Date.now());
    await deps.watch.store.addNotes(store.notes());
  };

  it.each([
    ['reaches the other one where it counts the same', true],
    ['is no word about other numbers: there it asks, and goes on when it is said there', false],
  ])('%s', async (_, isSame) => {
    await other(async (there, files) => {
      const here = commands();
      for (const deps of [here, there]) await type(deps, 'tandem failover prepare m1');
      grow(dir);
      grow(files);
      if (!isSame) appendFileSync(join(files, `${zones[0]}.db`), `more\t60\tIN\tA\t${addresses.m1}\n`);
      await give(here.watch, move('switch', 'm1', 'm2'));
      const command = (await warned(here)) ?? '';
      await hear(there);
      expect(await there.carrier.step(signal)).toMatchObject({ kind: 'asks' });
      expect(there.carrier.isDue()).toBe(false);
      expect((await type(here, command)).lines.join('\n')).toContain('The other watcher hears of it');
      await hear(there);
      expect(there.carrier.isDue()).toBe(isSame);
      if (!isSame) expect(await type(there, command)).toMatchObject({ exit: 'done' });
      else expect(await there.carrier.step(signal)).toMatchObject({ kind: 'done', counts: { changed: 40 } });
      expect(pointing(addresses.m2, files)).toBe(40);
    });
  });
});

describe('prepare', () => {
  it('lists what a switch would leave alone, and what is suspicious, by zone', async () => {
    const [broken = '', mail = ''] = zones;
    writeFileSync(join(dir, `${broken}.db`), 'no zone at all (');
    const file = join(dir, `${mail}.db`);
    writeFileSync(file, readFileSync(file, 'latin1').replace(' ip4:198.51.100.11', ''));
    const { lines } = await type(commands(), 'tandem failover prepare m1');
    expect(lines.join('\n')).toMatch(new RegExp(`1 zone would be left alone:\n  ${broken}: `));
    expect(lines.join('\n')).toMatch(new RegExp(`  ${mail}, line \\d+: SPF `));
  });
});
