import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { brandIssues, contrast, grounds } from '../../../src/auth/brand-rules.ts';

const css = readFileSync(new URL('../../../public/tokens.css', import.meta.url), 'utf8');

/** A token's colour in each theme. */
function colours(name: string): readonly [string, string] {
  const found = new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(css);
  return [found?.[1] ?? 'missing', found?.[2] ?? 'missing'];
}

const texts: readonly (readonly [string, string])[] = [
  ...['page', 'sheet', 'raised'].flatMap((ground) => ['text', 'soft'].map((text) => [text, ground] as const)),
  ...['good', 'busy', 'wait', 'warn', 'bad'].map((state) => [state, `${state}-soft`] as const),
  ['accent', 'page'],
  ['accent', 'sheet'],
  ['on-accent', 'accent'],
  ['text', 'accent-soft'],
  ['text', 'bad-soft'],
  ['text', 'warn-soft'],
  ['bad', 'sheet'],
  ['bad', 'page'],
];

describe('contrast, light and dark', () => {
  it.each(texts)('%s on %s can be read', (text, ground) => {
    const [front, back] = [colours(text), colours(ground)];
    expect(contrast(front[0], back[0])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(front[1], back[1])).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ['edge', 'page'],
    ['edge', 'sheet'],
    ['accent', 'page'],
  ])('the shape of %s on %s can be seen', (shape, ground) => {
    const [front, back] = [colours(shape), colours(ground)];
    expect(contrast(front[0], back[0])).toBeGreaterThanOrEqual(3);
    expect(contrast(front[1], back[1])).toBeGreaterThanOrEqual(3);
  });
});

describe('a reseller’s own colours', () => {
  const brand = { reseller: 'acme', title: 'Acme', light: '#0b5394', dark: '#8ec5ff', logo: '' };
  const wrong = (change: Partial<typeof brand>) => brandIssues({ ...brand, ...change }).map(({ path }) => path);

  it('are judged against what the pages are made of', () => {
    expect(grounds.light).toEqual({ under: colours('page')[0], upon: colours('on-accent')[0] });
    expect(grounds.dark).toEqual({ under: colours('sheet')[1], upon: colours('on-accent')[1] });
  });

  it.each<[string, Partial<typeof brand>, readonly string[]]>([
    ['dark on light and light on dark', {}, []],
    ['Tandem’s own', { light: colours('accent')[0], dark: colours('accent')[1] }, []],
    ['yellow on white', { light: '#ffff00' }, ['light']],
    ['navy on night', { dark: '#0b2a6b' }, ['dark']],
    ['no colour at all', { light: 'red' }, ['light']],
    ['a logo with its parts', { logo: '<svg><use href="#a"/><path fill="url(#b)" d="M0 0"/></svg>' }, []],
    ['a logo with a script', { logo: '<svg><script>x()</script></svg>' }, ['logo']],
    ['a logo that does something', { logo: '<svg onload="x()"/>' }, ['logo']],
    ['a logo that fetches', { logo: '<svg><image href="https://evil.test/x.png"/></svg>' }, ['logo']],
    ['a logo whose style fetches', { logo: '<svg><style>a{fill:url(//evil.test)}</style></svg>' }, ['logo']],
  ])('%s', (_what, change, expected) => expect(wrong(change)).toEqual(expected));
});
