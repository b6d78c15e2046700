import { expect, test } from 'vitest';
import { xmlText } from '../../../src/simulator/xml.ts';

test('a list repeats its name and has no element of its own', () => {
  expect(xmlText('listaccts', { acct: [{ user: 'a' }, { user: 'b' }], status: 1 }, 'sorted')).toBe(
    `<listaccts>
  <acct>
    <user>a</user>
  </acct>
  <acct>
    <user>b</user>
  </acct>
  <status>1</status>
</listaccts>
`,
  );
});

test('null and nothing are empty elements, and so is an empty list within a record', () => {
  expect(xmlText('r', { acct: [{ ipv6: [], suspendtime: null, x: '' }], zone: [] }, 'kept')).toBe(
    '<r>\n  <acct>\n    <ipv6></ipv6>\n    <suspendtime></suspendtime>\n    <x></x>\n  </acct>\n</r>\n',
  );
});

test('capitals come before small letters, and marks of XML are escaped but apostrophes are not', () => {
  expect(xmlText('r', { b: `<a href="x">it's & more</a>`, Z: 1 }, 'sorted')).toBe(
    `<r>\n  <Z>1</Z>\n  <b>&lt;a href=&quot;x&quot;&gt;it's &amp; more&lt;/a&gt;</b>\n</r>\n`,
  );
});
