import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../../public/tokens.css', import.meta.url), 'utf8');

/** A token's colour in each theme. */
function colours(name: string): readonly [string, string] {
  const found = new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(css);
  return [found?.[1] ?? 'missing', found?.[2] ?? 'missing'];
}

function luminance(hex: string): number {
  const full = hex.length === 4 ? hex.replaceAll(/[^#]/g, '$&$&') : hex;
  const parts = [1, 3, 5].map((at) => {
    const value = Number.parseInt(full.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (parts[0] ?? 0) + 0.7152 * (parts[1] ?? 0) + 0.0722 * (parts[2] ?? 0);
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
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
