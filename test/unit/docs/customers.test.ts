import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withTable } from '../../support/customer-table.ts';

it('docs/customers.md is current (npm run docs:customers writes it)', () => {
  const text = readFileSync(new URL('../../../docs/customers.md', import.meta.url), 'utf8');
  expect(withTable(text)).toBe(text);
});
