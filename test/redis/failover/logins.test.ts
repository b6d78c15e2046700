import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loginsIn } from '../../../src/cli/logins.ts';
import { systemClock } from '../../../src/clock.ts';
import { Invalid } from '../../../src/errors.ts';
import { runCommand } from '../../../src/failover/commands/index.ts';
import { isStillIn, type LoginDeps, loginSchema, signIn } from '../../../src/failover/commands/logins.ts';
import { portalHandler } from '../../../src/failover/control/portal.ts';
import { commandSchema } from '../../../src/failover/control/schema.ts';
import { openStore } from '../../../src/failover/state/store.ts';
import { freePort, missing, type Running, run, type TempDir, tempDir, untilReady } from '../../support/processes.ts';
import { commandDeps } from './commanding.ts';
import { open, writeZones } from './directory.ts';

/** The same site by PHP on two addresses: one with sessions in files of its own, one whose files both share. */

const lacking = missing('php');
let base: TempDir;
let port: number;
const running: Running[] = [];
const addresses = { m1: '127.0.1.1', m2: '127.0.1.2' };

const site = `<?php
session_save_path(getenv($_GET['keep'] === 'shared' ? 'SHARED' : 'OWN'));
session_start();
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/login' && $_SERVER['REQUEST_METHOD'] === 'POST') {
  if ($_POST['token'] === $_SESSION['token'] && $_POST['user'] === 'probe' && $_POST['pass'] === 'a&b') $_SESSION['who'] = 'probe';
  header('Location: /account?keep=' . $_GET['keep']);
} elseif ($path === '/login') {
  $_SESSION['token'] = 'x&' . session_id();
  echo '<form method=post><input name="user"><input type="hidden" name="token" value="' . htmlspecialchars($_SESSION['token']) . '"></form>';
} elseif ($path === '/away') {
  header('Location: http://elsewhere.example/');
} else {
  echo isset($_SESSION['who']) ? 'Hello ' . $_SESSION['who'] . ' on ' . $_SERVER['HTTP_HOST'] : 'Please sign in';
}
`;

beforeAll(async () => {
  base = tempDir('logins');
  if (lacking !== undefined) return;
  port = await freePort();
  writeFileSync(join(base.path, 'site.php'), site);
  mkdirSync(join(base.path, 'shared'));
  for (const [id, address] of Object.entries(addresses)) {
    mkdirSync(join(base.path, id));
    const env = { ...process.env, OWN: join(base.path, id), SHARED: join(base.path, 'shared') };
    const one = run('php', ['-S', `${address}:${port}`, join(base.path, 'site.php')], { env });
    running.push(one);
    await untilReady(one, () =>
      fetch(`http://${address}:${port}/?keep=own`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  }
}, 30_000);
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(async () => {
  for (const one of running) await one.end('SIGTERM');
  base.remove();
});

const deps = (more: Partial<LoginDeps> = {}): LoginDeps => ({
  clock: { ...systemClock, sleep: async () => {} },
  addressOf: (master) => addresses[master as 'm1' | 'm2'],
  ...more,
});
const login = (keep: string, more: object = {}) => {
  const at = (path: string): string => `http://www.shop.example:${port}${path}?keep=${keep}`;
  return loginSchema.parse({
    ...{ name: 'shop', url: at('/login'), page: at('/account'), text: 'Hello probe' },
    fields: { user: 'probe', pass: 'a&b' },
    ...more,
  });
};

describe('a login, when its site goes to the other master', () => {
  it('survives where both masters know the session', async () => {
    const one = await signIn(deps(), login('shared'), 'm1');
    expect(await isStillIn(deps(), one, 'm2')).toEqual({
      ...{ name: 'shop', outcome: 'survived', sentence: 'm2 knows who is signed in' },
    });
  });

  it('is lost where PHP keeps it in files of one master, and is there again after the return', async () => {
    const one = await signIn(deps(), login('own'), 'm1');
    expect(await isStillIn(deps(), one, 'm2')).toMatchObject({ outcome: 'lost' });
    expect(await isStillIn(deps(), one, 'm1')).toMatchObject({ outcome: 'survived' });
  });

  it.each([
    ['a wrong password', { fields: { user: 'probe', pass: 'no' } }, {}, '“Hello probe” is not on the page of m1'],
    ['a site that sends on to another host', { page: '/away' }, {}, 'sends on to elsewhere.example'],
    ['a master without an address', {}, { addressOf: () => undefined }, 'm1 has no address'],
    ['a master that does not answer', { addresses: { m1: '127.0.1.9' } }, {}, 'm1: '],
  ] as const)('is not tried with %s, and it is said why', async (_, more, other, why) => {
    const page = 'page' in more ? { page: `http://www.shop.example:${port}/away?keep=own` } : more;
    const one = await signIn(deps(other), login('own', page), 'm1');
    const seen = await isStillIn(deps(other), one, 'm2');
    expect(seen).toMatchObject({ outcome: 'untested', sentence: expect.stringContaining(why) });
    expect(seen.sentence).not.toContain('a&b');
  });

  it('is not tried where the other master does not answer', async () => {
    const one = await signIn(deps(), login('own', { addresses: { m2: '127.0.1.9' } }), 'm1');
    expect(await isStillIn(deps(), one, 'm2')).toMatchObject({ outcome: 'untested' });
  });
});

describe('a drill', () => {
  it('says which logins survive, dry and there and back, and keeps it without what was typed', async () => {
    const dir = join(base.path, 'zones');
    writeZones(dir, ['shop.example']);
    const publish = await open(base.path, dir, []);
    const store = await openStore({ dir: join(base.path, 'watch'), self: 's3', onLost: () => {}, now: Date.now() });
    const commands = commandDeps(publish, store, deps().addressOf);
    const logins = [
      login('shared', { name: 'kept' }),
      login('own', { name: 'gone' }),
      login('own', { name: 'shut', fields: { pass: 'a&b' } }),
    ];
    const dry = await runCommand(commands, commandSchema.parse({ command: 'drill', by: 'ann', logins }));
    expect(dry.sentence).toContain('1 of 3 logins survived, 1 could not be tried.');
    const zones = ['shop.example'];
    const real = await runCommand(
      commands,
      commandSchema.parse({ command: 'drill', by: 'ann', real: true, zones, logins }),
    );
    expect(real).toMatchObject({ exit: 'done' });
    expect(real.lines).toEqual(
      expect.arrayContaining([
        'login kept: survived: m2 knows who is signed in',
        'login gone: lost: m2 does not know who is signed in',
        'login gone, after the return: survived: m1 knows who is signed in',
      ]),
    );
    const kept = JSON.stringify(await store.history(10));
    expect(kept).toContain('login gone: lost');
    expect(kept).not.toContain('a&b');
    await publish.close();
    await store.close();
  });

  it('with logins is not taken from the portal', async () => {
    const handler = portalHandler(() => Promise.reject(new Error('not asked')));
    const command = commandSchema.parse({ command: 'drill', by: 'ann', logins: [login('own')] });
    expect(await handler(command)).toMatchObject({ exit: 'refused' });
  });
});

describe('the file of logins', () => {
  const text = (page: string): string =>
    `- name: shop\n  url: https://www.shop.example/login\n  page: ${page}\n  text: Hello\n  fields: { pass: geheim }\n`;
  const file = (content: string, mode = 0o600): string => {
    const path = join(base.path, 'logins.yaml');
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };
  const why = (content: string, mode?: number): string => {
    try {
      loginsIn(file(content, mode));
      return '';
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return `${error.message} ${error.issues.map(({ path, message }) => `${path}: ${message}`).join(' ')}`;
    }
  };

  it('is read, and must be nobody else’s', () => {
    expect(loginsIn(file(text('https://www.shop.example/account')))).toMatchObject([{ name: 'shop' }]);
    expect(why(text('https://www.shop.example/account'), 0o644)).toContain('others may read it');
  });

  it.each([
    ['another host', text('https://other.example/'), '0.page: all pages must be of one host'],
    ['no list', 'name: shop', 'is no list of logins'],
    ['no YAML', '- {pass: geheim', 'cannot be read'],
  ])('with %s is refused, without what stands in it', (_, content, words) => {
    expect(why(content)).toContain(words);
    expect(why(content)).not.toContain('geheim');
  });
});
