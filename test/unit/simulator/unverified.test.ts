import { expect, test } from 'vitest';
import { declaredFunctions } from '../../../src/simulator/declared.ts';
import { tableParams } from '../../../src/simulator/known-params.ts';
import { modules } from '../../../src/simulator/modules/index.ts';
import { createRegistry } from '../../../src/simulator/registry.ts';
import { unverified } from '../../../src/simulator/unverified.ts';

test('every id stands once', () => {
  expect(new Set(unverified.map((u) => u.id)).size).toBe(unverified.length);
});

test('a line that names a function names one that is answered, unless it says that it is not', () => {
  const registry = createRegistry(modules, tableParams, declaredFunctions());
  const found = { whm: registry.whm, 'whm-0': registry.whm, uapi: registry.uapi, api2: registry.api2 };
  const lost = unverified.filter(({ api, fn, what }) => {
    if (fn === '*' || what.startsWith('not simulated') || !(api in found)) return false;
    return found[api as keyof typeof found](fn) === undefined; // narrowed by the line above
  });
  expect(lost.map((u) => u.id)).toEqual([]);
});
