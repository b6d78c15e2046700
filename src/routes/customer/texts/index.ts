/** Every sentence of the self-service by key. Each part has one file per language; the types keep their keys equal. */
import { type Say, sayer } from '../../shared/texts.ts';
import { accessDe } from './de-access.ts';
import { actionsDe } from './de-actions.ts';
import { domainsDe } from './de-domains.ts';
import { filesDe } from './de-files.ts';
import { frameDe } from './de-frame.ts';
import { issueInGerman } from './de-issues.ts';
import { mailDe } from './de-mail.ts';
import { serverDe } from './de-server.ts';
import { sitesDe } from './de-sites.ts';
import { accessEn } from './en-access.ts';
import { actionsEn } from './en-actions.ts';
import { domainsEn } from './en-domains.ts';
import { filesEn } from './en-files.ts';
import { frameEn } from './en-frame.ts';
import { mailEn } from './en-mail.ts';
import { serverEn } from './en-server.ts';
import { sitesEn } from './en-sites.ts';

export const languages = ['en', 'de'] as const;

export type Language = (typeof languages)[number];

const english = {
  ...frameEn,
  ...mailEn,
  ...domainsEn,
  ...accessEn,
  ...actionsEn,
  ...filesEn,
  ...sitesEn,
  ...serverEn,
} as const;

/** Keys with two forms, 'x.one' and 'x.other', are said by 'x' and a count. */
type Stem<K> = K extends `${infer S}.one` ? S : never;

export type CustomerKey = keyof typeof english | Stem<keyof typeof english>;

export type CustomerSay = Say<CustomerKey>;

/** All texts of a language; a key missing in one does not compile. */
export const texts: Readonly<Record<Language, Readonly<Record<keyof typeof english, string>>>> = {
  en: english,
  de: { ...frameDe, ...mailDe, ...domainsDe, ...accessDe, ...actionsDe, ...filesDe, ...sitesDe, ...serverDe },
};

const sayers: Readonly<Record<Language, CustomerSay>> = { en: sayer('en', texts.en), de: sayer('de', texts.de) };

export function sayIn(language: Language): CustomerSay {
  return sayers[language];
}

/** The sentence when `text` is a key, as errors of the self-service carry it; else the text as it is. */
export function sayAny(language: Language, text: string): string {
  if (Object.hasOwn(texts[language], text)) return sayers[language](text as CustomerKey);
  return language === 'de' ? issueInGerman(text) : text;
}
