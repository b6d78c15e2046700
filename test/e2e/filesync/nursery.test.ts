import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Offer, State } from '../../../src/filesync/model.ts';
import { type Brought, Nursery } from '../../../src/filesync/nursery.ts';
import { digestOf, isAsKnown } from '../../../src/filesync/observe.ts';
import { type OpenSite, openSite } from '../../../src/filesync/open-site.ts';
import { settingsFrom } from '../../../src/filesync/settings.ts';
import { noFileSync } from '../../support/filesync.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';

const owned = { user: 'nobody', group: 'nogroup', attributes: '' };
const directory = (key: string): readonly [Offer, undefined] => [
  offer(key, { kind: 'directory', mode: 0o755, ...owned }),
  undefined,
];

function offer(key: string, state: State): Offer {
  return { key, version: [0, 5], state, conflict: false };
}

function file(key: string, text: string): readonly [Offer, Buffer] {
  const content = Buffer.from(text);
  const state: State = {
    kind: 'file',
    mode: 0o644,
    ...owned,
    size: content.length,
    mtime: '1600000000000000000',
    digest: digestOf(content),
  };
  return [offer(key, state), content];
}

let dir: TempDir;
let site: OpenSite;
let nursery: Nursery;
const home = (path: string): string => join(dir.path, 'home', path);
const text = (path: string): string => readFileSync(home(path), 'utf8');
const growing = (): number => readdirSync(home('.tandem-filesync/new')).length;
const verdicts = (all: readonly (readonly [Offer, string])[]): Record<string, string> =>
  Object.fromEntries(all.map(([{ key }, verdict]) => [key, verdict]));

describe.skipIf(noFileSync() !== undefined)('new directories', () => {
  beforeEach(() => {
    dir = tempDir('filesync-nursery');
    mkdirSync(home('bob'), { recursive: true });
    const trees = [{ name: 'home', path: home(''), homes: false }];
    const settings = settingsFrom({ side: 1, stateDir: join(dir.path, 'state'), trees }, 'm1');
    site = openSite(settings, pino({ level: 'silent' }), Date.now);
    nursery = new Nursery(site);
  });
  afterEach(async () => {
    await site.close();
    dir.remove();
  });

  const whole = [
    directory('home/bob/d'),
    directory('home/bob/d/e'),
    file('home/bob/d/a', 'a'),
    file('home/bob/d/e/b', 'b'),
  ];

  it('come in one step, a moment later, and what is then there is known for certain', async () => {
    const { rest, judged } = nursery.raise([...whole, file('home/bob/beside', 'x')]);
    expect([rest.map(([{ key }]) => key), judged, existsSync(home('bob/d')), growing()]).toEqual([
      ['home/bob/beside'],
      [],
      false,
      1,
    ]);
    expect(await nursery.ripe()).toEqual([]);
    expect([text('bob/d/a'), text('bob/d/e/b'), growing()]).toEqual(['a', 'b', 0]);
    expect(['home/bob/d/a', 'home/bob/d/e', 'home/bob/d/e/b'].map((key) => isAsKnown(site, key))).toEqual([
      true,
      true,
      true,
    ]);
    expect(site.store.get('home/bob/d/e/b')?.version).toEqual([0, 5]);
    writeFileSync(home('bob/d/e/b'), 'c');
    expect(isAsKnown(site, 'home/bob/d/e/b')).toBe(false);
  });

  it("of root's, or of nobody known here, in one that is not in place yet, go to its owner", async () => {
    nursery.raise(whole);
    const [made, inside] = [directory('home/bob/d/of-root'), file('home/bob/d/of-root/a', 'a')];
    const ofRoot = ([one, content]: typeof inside | typeof made, user: string): Brought => {
      const state = { ...one.state, user, group: user } as State;
      return [{ ...one, state }, content];
    };
    expect(nursery.raise([ofRoot(made, 'root'), ofRoot(inside, 'no-such-user')]).rest).toEqual([]);
    expect(await nursery.ripe()).toEqual([]);
    const owner = statSync(home('bob/d')).uid;
    expect(['bob/d/of-root', 'bob/d/of-root/a'].map((path) => statSync(home(path)).uid)).toEqual([owner, owner]);
    expect(owner).not.toBe(0);
  });

  it('have the modes that were offered, whatever the spool gives to what is made in it', async () => {
    // user::rwx, group::---, other::---
    const list = [2, 0, 0, 0, ...[1, 4, 32].flatMap((tag, n) => [tag, 0, n === 0 ? 7 : 0, 0, 255, 255, 255, 255])];
    site.native.setAttribute(home('.tandem-filesync/new'), 'system.posix_acl_default', Buffer.from(list));
    const mask = process.umask(0o077);
    const modes = [0o644, 0o600, 0o777, 0o1666, 0o4755];
    const files = modes.map((mode): Brought => {
      const [one, content] = file(`home/bob/d/${mode}`, 'a');
      return [{ ...one, state: { ...one.state, mode } as State }, content];
    });
    nursery.raise([directory('home/bob/d'), ...files]);
    expect(await nursery.ripe()).toEqual([]);
    expect(modes.map((mode) => statSync(home(`bob/d/${mode}`)).mode & 0o7777)).toEqual([
      ...[0o644, 0o600, 0o777, 0o1666],
      // Rights of its owner that others would have do not travel.
      0o755,
    ]);
    expect([statSync(home('bob/d')).mode & 0o7777, process.umask(mask)]).toEqual([0o755, 0o077]);
  });

  it('go path by path where something has appeared meanwhile, which stays', () => {
    nursery.raise(whole);
    mkdirSync(home('bob/d'));
    writeFileSync(home('bob/d/a'), 'mine, and newer');
    writeFileSync(home('bob/d/own'), 'own');
    const said = verdicts(nursery.land());
    expect([text('bob/d/a'), text('bob/d/own'), text('bob/d/e/b'), growing()]).toEqual([
      'mine, and newer',
      'own',
      'b',
      0,
    ]);
    expect(said).toMatchObject({ 'home/bob/d/e': 'ok', 'home/bob/d/e/b': 'ok' });
    const [kept = ''] = readdirSync(home('.tandem-filesync/conflicts'));
    expect([kept, site.store.get('home/bob/d/a')?.conflict]).toEqual(['', true]);
  });

  it('are no way round what is refused, left out or stopped', () => {
    const odd = [
      directory('home/bob/d'),
      file('home/bob/d/../../../out', 'x'),
      file('home/bob/d/error_log.swp/../x', 'x'),
      directory('home/bob/../../other'),
      file('home/bob/../../other/x', 'x'),
    ];
    expect(nursery.raise(odd).rest.length).toBe(odd.length);
    site.stops.paused['home/bob'] = 'by hand';
    expect(nursery.raise(whole).rest.length).toBe(whole.length);
    expect(growing()).toBe(0);
  });

  it('are not put in place when their account is stopped meanwhile', () => {
    nursery.raise(whole);
    site.stops.paused['home/bob'] = 'by hand';
    expect(new Set(Object.values(verdicts(nursery.land())))).toEqual(new Set(['stopped']));
    expect([existsSync(home('bob/d')), growing()]).toEqual([false, 0]);
  });

  it('that come twice, or through a link, leave nothing half made', () => {
    const link: State = { kind: 'link', target: '/tmp', user: 'nobody', group: 'nogroup', mtime: '1' };
    const twice = [...whole, file('home/bob/d/a', 'again')];
    expect(nursery.raise(twice).rest.length).toBe(twice.length);
    const through = [...whole, directory('home/bob/d/l'), [offer('home/bob/d/l', link), undefined] as const];
    expect(nursery.raise(through).rest.length).toBe(through.length);
    expect([existsSync(home('bob/d')), growing()]).toEqual([false, 0]);
  });

  it('are put in place before what comes for them later, and let go of when the connection ends', () => {
    nursery.raise(whole);
    const later = file('home/bob/d/late', 'late');
    expect(nursery.raise([later]).rest).toEqual([later]);
    expect([text('bob/d/a'), growing()]).toEqual(['a', 0]);
    nursery.raise([directory('home/bob/f'), file('home/bob/f/a', 'a')]);
    nursery.clear();
    expect([nursery.land(), existsSync(home('bob/f')), growing()]).toEqual([[], false, 0]);
  });

  it('in a directory that is not in place yet come after it, and so does what changed in it', async () => {
    nursery.raise(whole);
    const next = [directory('home/bob/d/e/g'), file('home/bob/d/e/g/c', 'c')];
    expect([nursery.raise(next).rest, growing(), existsSync(home('bob/d'))]).toEqual([[], 2, false]);
    expect(await nursery.ripe()).toEqual([]);
    expect([text('bob/d/a'), text('bob/d/e/g/c'), growing()]).toEqual(['a', 'c', 0]);
    nursery.raise([directory('home/bob/h'), file('home/bob/h/a', 'a')]);
    const again = [directory('home/bob/h'), file('home/bob/h/a', 'b')];
    expect([nursery.raise(again).rest, text('bob/h/a')]).toEqual([again, 'a']);
  });

  it('in one that cannot be put in place go path by path after it', () => {
    nursery.raise(whole);
    nursery.raise([directory('home/bob/d/e/g'), file('home/bob/d/e/g/c', 'c')]);
    writeFileSync(home('bob/d'), 'a file in the way');
    nursery.land();
    expect([text('bob/d/a'), text('bob/d/e/g/c'), growing()]).toEqual(['a', 'c', 0]);
  });

  it('may hold names of any bytes', async () => {
    nursery.raise([directory('home/bob/d\xff'), file('home/bob/d\xff/\n\xc3', 'odd')]);
    await nursery.ripe();
    expect(readFileSync(Buffer.from(home('bob/d\xff/\n\xc3'), 'latin1'), 'utf8')).toBe('odd');
  });

  it('without a content that is not here: it is asked for', async () => {
    const [bare] = file('home/bob/d/bare', 'bare');
    expect(verdicts(nursery.raise([...whole, [bare, undefined]]).judged)).toEqual({ 'home/bob/d/bare': 'want' });
    await nursery.ripe();
    expect(readdirSync(home('bob/d')).sort()).toEqual(['a', 'e']);
  });
});
