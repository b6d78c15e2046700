import { describe, expect, it } from 'vitest';
import { actionOf, actions, covering, fieldsOf } from '../../../src/actions/index.ts';
import type { WhmCall } from '../../../src/whm/call.ts';
import { functions } from '../../../src/whm/functions/index.ts';
import { action, checkKnown, masters, placeOf } from './support.ts';

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

function input(id: string): Record<string, unknown> {
  const fields = fieldsOf(action(id));
  const own = Object.fromEntries(fields.flatMap(({ name }) => (name in samples ? [[name, samples[name]]] : [])));
  if (id === 'account.terminate') return { ...own, archive: 'verified' };
  if (id === 'dns.edit-zone') {
    const record = { name: 'www', type: 'A', ttl: 300, data: ['192.0.2.1'] };
    return { zone: samples['zone'], add: [record] };
  }
  if (id === 'certificate.install')
    return { ...own, key: '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n' };
  if (id === 'whm.call') return { function: samples['function'], args: samples['args'] };
  if (id === 'domain.remove-sub') return { ...own, domain: 'shop.bob.example' };
  if (id.startsWith('package.')) return { ...own, name: 'gold' };
  return own['name'] !== undefined && id.startsWith('database') ? { ...own, name: 'bob_x' } : own;
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
        expect(entry(call), call.fn).toBeDefined();
        expect(entry(call)?.treatment, call.fn).toMatch(/^(read|merge)$/);
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
    ]);
  });

  it('what is made and could be made twice is looked for before it is made again', () => {
    for (const a of actions.filter((one) => /\.(create|add|add-.*)$/.test(one.id) && one.id !== 'forwarder.add')) {
      expect(a.again, a.id).toBe('read back');
    }
  });
});
