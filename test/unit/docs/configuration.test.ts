import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configKeys } from '../../../src/config-keys.ts';

const text = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
const documented = [...text.matchAll(/^\| `([^`]+)` \| (.+?) \| `(.+)` \|$/gm)].map(([, path, help]) => ({
  path,
  help,
}));

describe('docs/configuration.md', () => {
  it('lists every key of the configuration with its help, in its order, and no other', () => {
    expect(documented).toEqual(configKeys.map(({ path, help }) => ({ path, help: help.replaceAll('|', '\\|') })));
  });
});
