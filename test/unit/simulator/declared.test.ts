import { expect, test } from 'vitest';
import { declaredFunctions, emptyOf } from '../../../src/simulator/declared.ts';
import { tableParams } from '../../../src/simulator/known-params.ts';
import { modules } from '../../../src/simulator/modules/index.ts';
import { createRegistry } from '../../../src/simulator/registry.ts';
import { functions } from '../../../src/whm/functions/index.ts';
import { bench, root } from './core-engine.ts';

test('a shape becomes its empty value', () => {
  expect(emptyOf('{a:s,b:{c:i,d:[]},e:n,f:{}}')).toEqual({ a: '', b: { c: 0, d: [] }, e: null, f: {} });
  expect(emptyOf('[]')).toEqual([]);
  expect(() => emptyOf('x')).toThrow(RangeError);
});

test('every function of the table can be answered, modelled or declared', () => {
  const registry = createRegistry(modules, tableParams, declaredFunctions());
  const missing = functions.all.filter((f) => registry[f.api](f.name) === undefined).map((f) => f.name);
  expect(missing.filter((name) => !['cpanel', 'uapi_cpanel', 'batch'].includes(name))).toEqual([]);
  expect(registry.whm('no_such_function')).toBeUndefined();
});

test('a declared function asks for its required parameters and changes nothing', () => {
  const server = bench({ declared: true });
  const before = server.persisted.filter((changes) => changes.length > 0).length;
  expect(server.reason('cluster_member_has_trust_with')).toBe('Provide the “host” parameter.');
  expect(server.whm('cluster_member_has_trust_with', { host: 'x.example' })).toEqual({
    ok: true,
    data: { has_trust: 0 },
  });
  expect(server.persisted.filter((changes) => changes.length > 0)).toHaveLength(before);
  expect(server.referee.declared()).toEqual({ cluster_member_has_trust_with: 2 });
  expect(server.referee.unknowns().functions).toEqual({});
});

test('a declared function is unknown on a server that is too old for it', () => {
  const [old, young] = ['11.30.0.1', '11.134.0.20'].map((version) => bench({ version, declared: true }));
  expect(old?.whm('cluster_member_has_trust_with', { host: 'x.example' }, root)).toBe('unknown');
  expect(young?.reason('cluster_member_has_trust_with', { host: 'x.example' })).toBe('done');
});
