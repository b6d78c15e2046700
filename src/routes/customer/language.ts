import type { Request } from 'express';
import { type Language, languages } from './texts/index.ts';

const cookieName = 'tandem-language';
const yearMs = 365 * 24 * 60 * 60_000;

/** The language that was chosen, else the one that the browser asks for, else English. */
export function languageOf(request: Request): Language {
  const chosen = new RegExp(`(?:^|;\\s*)${cookieName}=(\\w+)`).exec(request.get('cookie') ?? '')?.[1];
  const known = languages.find((language) => language === chosen);
  if (known !== undefined) return known;
  const accepted = request.acceptsLanguages([...languages]);
  return languages.find((language) => language === accepted) ?? 'en';
}

/** The cookie in which a choice is kept; undefined for a language that there is not. */
export function languageCookie(word: unknown): { readonly name: string; readonly value: Language } | undefined {
  const value = languages.find((language) => language === word);
  return value === undefined ? undefined : { name: cookieName, value };
}

/** How long the browser keeps it. */
export const languageCookieOptions = { secure: true, httpOnly: true, sameSite: 'lax', maxAge: yearMs } as const;
