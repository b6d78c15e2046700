/** What a reseller's look may be: readable in both themes, and a picture that is nothing but a picture. Pure. */
import type { Issue } from '../errors.ts';
import type { BrandsTable } from '../store/auth-tables.ts';

/**
 * What an accent stands on (links), and what stands on it (the main button), in each theme: tokens.css. The pages'
 * own greys differ little, so the one that is hardest to read on is enough.
 */
export const grounds = {
  light: { under: '#f6f8fa', upon: '#ffffff' },
  dark: { under: '#171e27', upon: '#06211e' },
} as const;

/** Least contrast of text, WCAG 2.2 success criterion 1.4.3. */
export const readable = 4.5;

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colours such as '#0b6b63', 1 to 21, as WCAG 2.2 reckons it. */
export function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const colour = /^#[0-9a-f]{6}$/;
const mostLogo = 20_000;

function colourIssue(theme: keyof typeof grounds, value: string): readonly Issue[] {
  if (!colour.test(value)) return [{ path: theme, message: 'Use a colour such as #0b6b63.' }];
  const { under, upon } = grounds[theme];
  if (contrast(value, under) >= readable && contrast(value, upon) >= readable) return [];
  const hint = theme === 'light' ? 'a darker one' : 'a lighter one';
  return [{ path: theme, message: `Nobody could read it on the page: use ${hint}.` }];
}

/** Scripts do not run in it where it is shown; that it has one at all says that it is no logo. */
const active = /<\s*(script|foreignobject|iframe|animate|set|handler)\b|\son\w+\s*=|javascript:/i;
/** A picture that fetches something tells somebody else who looks at the page. */
const fetching = /(?:href|src)\s*=\s*["']?\s*(?!["'#]|data:image\/)|url\(\s*["']?(?!#)|@import/i;

function logoIssue(logo: string): readonly Issue[] {
  if (logo === '') return [];
  if (!logo.trimStart().startsWith('<svg') || logo.length > mostLogo)
    return [{ path: 'logo', message: 'Paste an SVG of at most 20 kB.' }];
  if (active.test(logo) || fetching.test(logo))
    return [{ path: 'logo', message: 'Use an SVG without scripts, and without anything from elsewhere.' }];
  return [];
}

/** All that is wrong with a look. */
export function brandIssues(brand: BrandsTable): readonly Issue[] {
  return [
    ...(/^[a-z][a-z0-9]{0,15}$/.test(brand.reseller) ? [] : [{ path: 'reseller', message: 'Use a cPanel name.' }]),
    ...(brand.title.trim() === '' || brand.title.length > 64
      ? [{ path: 'title', message: 'Use 1 to 64 characters.' }]
      : []),
    ...colourIssue('light', brand.light),
    ...colourIssue('dark', brand.dark),
    ...logoIssue(brand.logo),
  ];
}
