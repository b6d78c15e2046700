import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { english } from '../../../src/routes/portal/texts/en.ts';
import { sentencesIn } from './sentences.ts';

const folder = fileURLToPath(new URL('../../../views', import.meta.url));
const views = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ejs'));

/** What stands in a view for people: text between tags, and the attributes that are read out or shown. */
function wordsIn(view: string): readonly string[] {
  const html = view.replaceAll(/<%[\s\S]*?%>/g, '|').replaceAll(/<(code|kbd|style|title)\b[\s\S]*?<\/\1>/g, '');
  const shown = [...html.matchAll(/ (?:aria-label|title|placeholder|alt|data-label)="([^"]*)"/g)].map(
    ([, text]) => text,
  );
  const text = html.replaceAll(/<[^>]*>/g, '\n').split(/[\n|]/);
  return [...shown, ...text].flatMap((one) => (/\p{L}{2}/u.test(one ?? '') ? [(one ?? '').trim()] : []));
}

describe('what the views say', () => {
  it('stands by key, so that another language is another list', () => {
    expect(views.length).toBeGreaterThan(25);
    const found = views.flatMap((name) =>
      wordsIn(readFileSync(join(folder, name), 'utf8')).map((word) => `${name}: ${word}`),
    );
    expect(found.filter((line) => !/: Tandem$/.test(line))).toEqual([]);
  });

  it('has a sentence for every key', () => {
    const keys = views.flatMap((name) => {
      if (name.startsWith('customer')) return [];
      return [...readFileSync(join(folder, name), 'utf8').matchAll(/\bsay\('([^']+)'/g)].map(([, key]) => key ?? '');
    });
    const known = new Set(Object.keys(english));
    expect(keys.filter((key) => !known.has(key) && !known.has(`${key}.one`))).toEqual([]);
  });
});

const root = fileURLToPath(new URL('../../../src', import.meta.url));

/** What people read comes from here. */
const pages = [
  ...readdirSync(join(root, 'routes/portal'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('texts'))
    .map((name) => `routes/portal/${name}`),
  ...['page', 'sheets', 'kept-sheets', 'lines'].map((name) => `roles/filesync/${name}.ts`),
  'roles/databases/page.ts',
  ...['csrf', 'render', 'security', 'sign-in', 'status-of'].map((name) => `routes/shared/${name}.ts`),
];

/** Texts that look like words and are none, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {
  Tandem: 'the product is called so everywhere',
  'attachment; filename="accounts.csv"': 'a header of HTTP',
  'attachment; filename="audit.…"': 'a header of HTTP',
  'event: operation\\ndata: …\\n\\n': 'the wire format of server-sent events',
  ': still here\n\n': 'the wire format of server-sent events',
  'query parser': 'a setting of express',
  'the answer has no known shape': 'an error of the core, told like a master’s own words',
  'recovery code, … left': 'a detail of the audit trail, which has one language',
  'wrong code': 'a detail of the audit trail, which has one language',
  ':root { --accent: light-dark(…, …); }\\n': 'a style sheet',
  'person …': 'a key of a counter',
  'by …': 'a reason that the agent keeps, like a detail of the audit trail',
  '… kB': 'a unit',
  '… MB': 'a unit',
  '… min': 'a unit',
  '… ms': 'a unit',
  Edg: 'a browser’s name in its own words',
  Edge: 'a browser’s name',
  '… UTC': 'the zone’s name is the same everywhere',
};

describe('what the pages’ code says', () => {
  it('stands by key too', () => {
    expect(pages.length).toBeGreaterThan(60);
    const found = pages.flatMap((name) =>
      sentencesIn(readFileSync(join(root, name), 'utf8')).map((text) => `${name}: ${text}`),
    );
    const unknown = found.filter((line) => {
      const text = line.slice(line.indexOf(': ') + 2);
      return !Object.hasOwn(exceptions, text) && !Object.hasOwn(english, text);
    });
    expect(unknown).toEqual([]);
  });

  it.each([
    ["const a = { text: say('x') };", []],
    ["const a = { text: 'paused' };", ['paused']],
    ["const a = { text: ok ? 'paused' : say('x') };", ['paused']],
    ["f('Not in step')", ['Not in step']],
    ["f('Journal')", ['Journal']],
    [['f(`${', 'n} files`)'].join(''), ['… files']],
    ["throw new NotFound('There is none.')", ['There is none.']],
    ["parts.log.warn({ error }, 'it could not be read'); throw new RangeError('a route is odd');", []],
    [
      "import { a } from './Some thing.ts'; type B = 'An odd one'; const c = { 'kind': 'table' }; f('a.b', '/x y');",
      [],
    ],
  ])('is found in %s', (source, expected) => {
    expect(sentencesIn(source)).toEqual(expected);
  });
});
