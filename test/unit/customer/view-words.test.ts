import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { languages, sayAny } from '../../../src/routes/customer/texts/index.ts';

const views = new URL('../../../views/', import.meta.url);
const files = ['customer', 'partials', 'parts'].flatMap((folder) =>
  readdirSync(new URL(folder, views)).map((name) => `${folder}/${name}`),
);
/** What only staff see is drawn by views of their own words. */
const staffOnly =
  /^partials\/(head|foot|chips|source)\.ejs$|^parts\/(accounts|masters|operation|operations|operation-table|switchover)\.ejs$/;

describe('the views that customers see', () => {
  it.each(files.filter((file) => !staffOnly.test(file)))('%s asks only for words that both languages have', (file) => {
    const text = readFileSync(new URL(file, views), 'utf8');
    const keys = [...text.matchAll(/\bsay\('([^'$]+)'/g)].map(([, key]) => key ?? '');
    const missing = keys.filter((key) => languages.some((language) => sayAny(language, key) === key));
    expect(missing).toEqual([]);
  });
});
