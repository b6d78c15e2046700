import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../../src/config.ts';
import { configKeys, environmentName } from '../../../src/config-keys.ts';
import { Invalid } from '../../../src/errors.ts';

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');
const masterOf = (id: string, n: number) => ({
  id,
  site: 'dublin',
  hostname: `${id}.example.com`,
  address: `192.0.2.${n}`,
  credentials: { user: 'root', token: 'T0KEN' },
  tls: { fingerprint },
});
const good = { masters: [masterOf('m1', 1), masterOf('m2', 2)] };

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tandem-config-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

let files = 0;
function load(value: unknown, env: NodeJS.ProcessEnv = {}) {
  files += 1;
  const file = join(dir, `${files}.yaml`);
  writeFileSync(file, typeof value === 'string' ? value : stringify(value));
  return loadConfig({ file, env });
}

function issuesOf(value: unknown, env: NodeJS.ProcessEnv = {}): Readonly<Record<string, string>> {
  try {
    load(value, env);
  } catch (error) {
    if (error instanceof Invalid) return Object.fromEntries(error.issues.map((issue) => [issue.path, issue.message]));
    throw error;
  }
  return {};
}

/** The good file with one value of the second master replaced. */
const withM2 = (change: object) => ({ masters: [good.masters[0], { ...good.masters[1], ...change }] });

describe('loadConfig', () => {
  it('fills in every default', () => {
    expect(load(good)).toMatchObject({
      nodes: 1,
      stateDir: join(dir, 'var'),
      keyFile: join(dir, 'var/key'),
      journal: { kind: 'sqlite', file: join(dir, 'var/journal.sqlite') },
      redis: { kind: 'embedded' },
      portal: { port: 8443 },
      passthrough: { whmPort: 2087, cpanelPort: 2083 },
      metrics: { host: '127.0.0.1', port: 9464 },
      tls: { kind: 'self-signed' },
      uidRange: { from: 200_000, to: 299_999 },
      timing: { leaseMs: 15_000, backoffMs: { first: 1000, most: 300_000 } },
      log: { level: 'info' },
      masters: [
        { id: 'm1', name: 'M1', port: 2087, cpanelPort: 2083, concurrency: 10 },
        { id: 'm2', name: 'M2' },
      ],
    });
  });

  it('reads the example file', () => {
    const config = loadConfig({ file: 'tandem.example.yaml', env: {} });
    expect(config.masters.map((master) => master.id)).toEqual(['m1', 'm2']);
    expect(config.stateDir).toBe(resolve('var'));
  });

  it('hands out a frozen object, all the way down', () => {
    const config = load(good);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.masters[0]?.credentials)).toBe(true);
    expect(Object.isFrozen(config.timing.backoffMs)).toBe(true);
  });

  it('lets the environment win over the file, numbers and masters included', () => {
    const config = load(
      { ...good, timing: { leaseMs: 5000 } },
      {
        TANDEM_TIMING_LEASE_MS: '7000',
        TANDEM_WORKER_STANDBY: 'false',
        TANDEM_TIMING_BACKOFF_MS_FIRST: '10',
        TANDEM_STATE_DIR: '/tmp/elsewhere',
        TANDEM_MASTERS_M2_CREDENTIALS_TOKEN: '123456',
        TANDEM_MASTERS_M2_CPANEL_PORT: '3083',
      },
    );
    expect(config.timing).toMatchObject({ leaseMs: 7000, backoffMs: { first: 10 } });
    expect(config.worker.standby).toBe(false);
    expect(config.stateDir).toBe('/tmp/elsewhere');
    expect(config.masters[1]).toMatchObject({ cpanelPort: 3083, credentials: { kind: 'token', token: '123456' } });
    expect(config.masters[0]).toMatchObject({ cpanelPort: 2083, credentials: { kind: 'token', token: 'T0KEN' } });
  });

  it('takes every yes or no from the environment', () => {
    const flags = configKeys.filter(({ path, example }) => / (true|false)$/.test(example) && !path.includes('*'));
    expect(flags.map(({ path }) => path)).toEqual(expect.arrayContaining(['ownNames', 'watch.fence']));
    for (const { path } of flags)
      for (const value of ['true', 'false'])
        expect(issuesOf(good, { [environmentName(path)]: value }), path).not.toHaveProperty([path]);
    expect(load(good, { TANDEM_OWN_NAMES: 'false' }).ownNames).toBe(false);
    expect(issuesOf(good, { TANDEM_OWN_NAMES: 'no' })).toHaveProperty(['ownNames']);
  });

  it('can be told everything by the environment', () => {
    const env = Object.fromEntries(
      Object.entries({
        SITE: 'dublin',
        HOSTNAME: 'm1.example.com',
        ADDRESS: '192.0.2.1',
        CREDENTIALS_TOKEN: 'T',
        TLS_FINGERPRINT: fingerprint,
      }).map(([name, value]) => [`TANDEM_MASTERS_M1_${name}`, value]),
    );
    expect(load('', env).masters).toMatchObject([{ id: 'm1', hostname: 'm1.example.com' }]);
  });

  it('reads secrets and certificates from files beside it, without the last line break', () => {
    writeFileSync(join(dir, 'm2.token'), 'FROM-FILE\n');
    writeFileSync(join(dir, 'm2.pem'), '-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n');
    const config = load(withM2({ credentials: { tokenFile: 'm2.token' }, tls: { ca: 'm2.pem' } }));
    expect(config.masters[1]?.credentials).toEqual({ kind: 'token', user: 'root', token: 'FROM-FILE' });
    expect(config.masters[1]?.tls).toMatchObject({ kind: 'ca', pem: expect.stringContaining('BEGIN CERTIFICATE') });
  });

  it('takes a fingerprint with or without colons, in either case', () => {
    const config = load(withM2({ tls: { fingerprint: fingerprint.replaceAll(':', '').toLowerCase() } }));
    expect(config.masters[1]?.tls).toEqual({ kind: 'pin', fingerprint256: fingerprint });
  });

  it('takes a MariaDB journal and a Redis address', () => {
    const journal = { host: '10.0.0.3', user: 'tandem', password: 'p', database: 'tandem' };
    const config = load({ ...good, nodes: 2, journal, redis: { url: 'redis://127.0.0.1:6379' } });
    expect(config.journal).toEqual({ kind: 'mariadb', port: 3306, ...journal });
    expect(config.redis).toEqual({ kind: 'url', url: 'redis://127.0.0.1:6379' });
  });
});

describe('a wrong configuration', () => {
  it.each([
    ['no masters', {}, 'masters', /is missing.*Example: masters/],
    ['an empty list of masters', { masters: [] }, 'masters', /must not be empty/],
    [
      'a port that is no number',
      withM2({ port: 'https' }),
      'masters.m2.port',
      /must be a.* number.*Example: port: 2087/,
    ],
    ['a port out of range', withM2({ port: 70_000 }), 'masters.m2.port', /at most 65535/],
    ['an id with a dash', { masters: [masterOf('m-1', 1)] }, 'masters.m-1.id', /small letters.*Example: id: m1/],
    ['one id for two masters', { masters: [masterOf('m1', 1), masterOf('m1', 2)] }, 'masters', /m1 is the id of two/],
    ['TLS switched off', withM2({ tls: 'off' }), 'masters.m2.tls', /cannot be switched off: .*Example: tls: { ca/],
    ['TLS false', withM2({ tls: false }), 'masters.m2.tls', /cannot be switched off/],
    ['TLS left out', withM2({ tls: undefined }), 'masters.m2.tls', /is missing.*Example/],
    [
      'both CA and fingerprint',
      withM2({ tls: { ca: 'x', fingerprint } }),
      'masters.m2.tls',
      /exactly one of ca, fingerprint/,
    ],
    ['a short fingerprint', withM2({ tls: { fingerprint: 'AB:CD' } }), 'masters.m2.tls.fingerprint', /32 pairs/],
    ['no secret', withM2({ credentials: { user: 'root' } }), 'masters.m2.credentials', /exactly one of token/],
    [
      'a token without quotes',
      withM2({ credentials: { token: 12 } }),
      'masters.m2.credentials.token',
      /text \(in quotes/,
    ],
    [
      'a file that is not there',
      withM2({ credentials: { tokenFile: 'no' } }),
      'masters.m2.credentials.tokenFile',
      /cannot be read/,
    ],
    ['an unknown key', { ...good, timings: {} }, 'timings', /not a key.*timing/],
    ['an unknown key of a master', withM2({ prot: 1 }), 'masters.m2.prot', /not a key.*port/],
    [
      'an address in two places',
      { masters: [masterOf('m1', 1), masterOf('m2', 1)] },
      'addressPairs',
      /192\.0\.2\.1 stands in two/,
    ],
    ['SQLite for two nodes', { ...good, nodes: 2 }, 'journal.kind', /SQLite.*Example: kind: mariadb/],
    [
      'an unknown journal',
      { ...good, journal: { kind: 'postgres' } },
      'journal.kind',
      /must be one of.*Example: kind: sqlite/,
    ],
    ['an unknown log level', { ...good, log: { level: 'loud' } }, 'log.level', /must be one of fatal.*Example/],
    ['uids upside down', { ...good, uidRange: { from: 9000, to: 2000 } }, 'uidRange', /from must be below to/],
  ])('says what is wrong with %s', (_what, value, path, message) => {
    expect(issuesOf(value)).toEqual({ [path]: expect.stringMatching(message) });
  });

  it('names a pair that leaves a master out or names a stranger', () => {
    const pair = { addresses: { m1: '192.0.2.11', m3: '192.0.2.12' } };
    expect(issuesOf({ ...good, addressPairs: [pair] })).toHaveProperty(['addressPairs.0.addresses']);
  });

  it('lists everything that is wrong at once', () => {
    const issues = issuesOf({ masters: [{ ...masterOf('m1', 1), port: 0, site: 3 }], nodes: 0 });
    expect(Object.keys(issues).sort()).toEqual(['masters.m1.port', 'masters.m1.site', 'nodes']);
  });

  it('names a variable that means nothing', () => {
    expect(issuesOf(good, { TANDEM_LEASE: '1' })).toEqual({ TANDEM_LEASE: expect.stringMatching(/no key/) });
  });

  it('is no YAML: the line is named', () => {
    expect(Object.values(issuesOf('masters: [\n')).join()).toMatch(/line \d/);
  });

  it('never repeats a secret', () => {
    const issues = JSON.stringify(
      issuesOf(withM2({ credentials: { token: ['S3CRET'], password: 'S3CRET' }, port: 0 })),
    );
    expect(issues).not.toContain('S3CRET');
  });

  it('says how to go on when the file is not there', () => {
    expect(() => loadConfig({ file: join(dir, 'no.yaml'), env: {} })).toThrow(Invalid);
  });
});

describe('the list of keys', () => {
  it('gives each key its own variable', () => {
    const names = configKeys.map((key) => environmentName(key.path));
    expect(new Set(names).size).toBe(names.length);
    expect(environmentName('timing.backoffMs.first')).toBe('TANDEM_TIMING_BACKOFF_MS_FIRST');
  });

  it.each(configKeys.filter((key) => !key.example.includes('…')))('has an example that YAML reads: $example', (key) => {
    expect(Object.keys(parse(key.example))).toEqual([key.path.split('.').at(-1)]);
  });

  it('knows every key that a loaded configuration has', () => {
    const known = new Set(configKeys.map((key) => key.path.split('.')[0]));
    expect(Object.keys(load(good)).filter((key) => !known.has(key))).toEqual([]);
  });
});
