import { describe, expect, it } from 'vitest';
import { actionOf, actions, covering, fieldsOf } from '../../../src/actions/index.ts';
import type { WhmCall } from '../../../src/whm/call.ts';
import { api2Functions } from '../../../src/whm/functions/api2.ts';
import { functions } from '../../../src/whm/functions/index.ts';
import { action, checkKnown, masters, placeOf } from './support.ts';

/** 'read', or what else the function is. */
function treatment(call: WhmCall): string | undefined {
  const api2 = call.api === 'api2' ? api2Functions[call.fn] : undefined;
  if (api2 !== undefined) return api2.reads ? 'read' : 'changes';
  return entry(call)?.treatment;
}

function entry(call: WhmCall) {
  return functions.get(call.api === 'whm' ? 'whm' : 'uapi', call.fn);
}

/** Input that fills every field which has a value of this name. */
const samples: Readonly<Record<string, unknown>> = {
  account: 'bob',
  domain: 'bob.example',
  password: 'Str0ng-enough!',
  plan: 'gold',
  newName: 'rob',
  name: 'www',
  address: 'ann@bob.example',
  quotaMb: 5,
  to: 'a@b.example',
  from: 'Ann',
  subject: 'Away',
  body: 'Back soon',
  mode: 'forward',
  subdomain: 'new',
  parent: 'bob.example',
  folder: 'x',
  zone: 'bob.example',
  type: 'A',
  value: '192.0.2.1',
  newValue: '192.0.2.9',
  user: 'bob_web',
  database: 'bob_shop',
  privileges: 'SELECT',
  login: 'up',
  contactEmail: 'a@b.example',
  archive: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  certificate: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  function: 'editquota',
  args: [
    ['user', 'bob'],
    ['quota', '5'],
  ],
};

const job = { minute: '0', hour: '3', day: '*', month: '*', weekday: '*', command: 'php cron.php' };
const rule = { part: '$header_subject:', match: 'contains', value: 'win' };
const record = { name: 'www', type: 'A', ttl: 300, data: ['192.0.2.1'] };

/** What an action needs beside the samples, or instead of them. */
const further: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'account.terminate': { archive: 'verified' },
  'certificate.install': { key: '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n' },
  'domain.remove-sub': { domain: 'shop.bob.example' },
  'mailbox.access': { login: true },
  'mail-routing.set': { routing: 'local' },
  'spam.set': { enabled: true, box: false, requiredScore: 5 },
  'mail-filter.switch': { enabled: false },
  'mail-filter.set': { rules: [rule], actions: [{ does: 'deliver', to: 'ann@bob.example' }] },
  'feature-list.edit': { name: 'small', on: 'cron' },
  'php.version': { version: 'ea-php82' },
  'php.settings': { settings: [['memory_limit', '256M']] },
  'cron.set': { runsOn: 'm1', jobs: [job] },
  'redirect.add': { to: 'https://new.example/' },
  'block.add': { address: '192.0.2.7' },
  'block.delete': { address: '192.0.2.7' },
  'backup.restore-files': { backup: 'backup-11.28.2026_10-00-00_bob.tar.gz' },
  'file.save': { name: 'a.txt', content: 'x' },
  'file.add-folder': { name: 'new' },
  'file.rename': { name: 'a.txt', newName: 'b.txt' },
  'file.move': { names: ['a.txt'], to: 'y' },
  'file.copy': { names: ['a.txt'], to: 'y' },
  'file.compress': { names: ['a.txt'], archive: 'all.zip' },
  'file.extract': { name: 'all.zip', to: 'y' },
  'file.permissions': { name: 'a.txt', mode: '640' },
  'file.delete': { names: ['a.txt'] },
};

/** What an action takes, where that is nothing of the samples. */
const whole: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'dns.edit-zone': { zone: 'bob.example', add: [record] },
  'whm.call': { function: samples['function'], args: samples['args'] },
};

function input(id: string): Record<string, unknown> {
  const own = whole[id];
  if (own !== undefined) return own;
  const fields = fieldsOf(action(id)).filter(({ name }) => name in samples);
  const given = { ...Object.fromEntries(fields.map(({ name }) => [name, samples[name]])), ...further[id] };
  if (id.startsWith('package.')) return { ...given, name: 'gold' };
  return given['name'] !== undefined && id.startsWith('database') ? { ...given, name: 'bob_x' } : given;
}

describe('the catalogue', () => {
  it('ids are unique and found', () => {
    expect(new Set(actions.map((a) => a.id)).size).toBe(actions.length);
    for (const a of actions) expect(actionOf(a.id)).toBe(a);
    expect(actionOf('account.explode')).toBeUndefined();
  });

  it.each(actions.map((a) => [a.id, a] as const))(
    '%s: every field has a label, and passwords and keys are secret',
    (_id, a) => {
      const fields = fieldsOf(a);
      expect(fields.length).toBeGreaterThan(0);
      for (const field of fields) {
        expect(field.label, field.name).not.toBe(field.name);
        if (/password|dkimKey|^key$/i.test(field.name)) expect(field.secret, field.name).toBe(true);
      }
      for (const name of a.blind ?? []) expect(fields.map((f) => f.name)).toContain(name);
    },
  );

  it.each(actions.map((a) => [a.id, a] as const))('%s: every function and argument is known to the table', (id, a) => {
    const p = a.params.parse(input(id));
    for (const master of masters.list) {
      const place = placeOf(master.id, false);
      const calls = [...a.observe(p, place), ...(a.preflight?.(p, place).calls ?? [])];
      for (const call of calls) {
        expect(treatment(call), call.fn).toMatch(/^(read|merge)$/);
        checkKnown(call);
      }
      expect(a.keys(p).length).toBeGreaterThan(0);
      expect(a.subject(p).kind).toMatch(/^(account|package|reseller|server)$/);
    }
  });

  it('every function that is covered is in the table, and no action claims what it does not have', () => {
    for (const a of actions) {
      for (const fn of Object.keys(a.covers ?? {})) {
        const found = functions.get(fn.includes('::') ? 'uapi' : 'whm', fn);
        expect(found, fn).toBeDefined();
        expect(covering(fn)).toContain(a);
      }
    }
  });

  it('whatever takes data away that replication carries says so', () => {
    const destroying = actions.filter((a) => a.destroys !== undefined).map((a) => a.id);
    expect(destroying).toEqual([
      'account.terminate',
      'mailbox.delete',
      'domain.remove-addon',
      'domain.remove-alias',
      'domain.remove-sub',
      'database.delete',
      'postgres-database.delete',
    ]);
  });

  it('what is made and could be made twice is looked for before it is made again', () => {
    for (const a of actions.filter((one) => /\.(create|add|add-.*)$/.test(one.id) && one.id !== 'forwarder.add')) {
      expect(a.again, a.id).toBe('read back');
    }
  });
});
