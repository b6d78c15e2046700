import type { Request, Response } from 'express';
import { type Customer, customerReach } from '../../auth/customers.ts';
import { themeIn } from '../portal/frame.ts';
import { formToken } from '../shared/csrf.ts';
import { type DomainChoice, domainChoice } from './chosen-domain.ts';
import type { CustomerParts } from './deps.ts';
import { languageOf } from './language.ts';
import { type CustomerPage, type Goal, goals } from './page.ts';
import { placeOf } from './place.ts';
import { type CustomerSay, type Language, languages, sayIn } from './texts/index.ts';
import { accountRow } from './who.ts';

/** What stands around every page of the self-service. */
export interface CustomerFrame {
  readonly title: string;
  readonly csrf: string;
  readonly theme: string;
  readonly language: Language;
  readonly languages: readonly Language[];
  readonly say: CustomerSay;
  readonly who:
    | { readonly name: string; readonly account: string; readonly role: string; readonly own: boolean }
    | undefined;
  /** The domains that one can be chosen of. */
  readonly domains: DomainChoice | undefined;
  /** One line: where the site lives, and how its copies stand. */
  readonly place: string;
  readonly menu: readonly MenuEntry[];
  readonly tabs: readonly MenuEntry[];
  readonly goal: string;
  readonly as: { readonly name: string; readonly account: string; readonly reason: string } | undefined;
  readonly brand: { readonly title: string; readonly logo: boolean } | undefined;
  /** Words for what runs in the browser, JSON. */
  readonly words: string;
  /** Where the language and theme forms lead back to. */
  readonly here: string;
  readonly refresh: number;
}

export interface MenuEntry {
  readonly label: string;
  readonly href: string;
  readonly current: boolean;
}

export interface CustomerPageOptions {
  readonly title: string;
  readonly status?: number;
  readonly refresh?: number;
}

/** Draws a page inside the frame and sends it. `page` is a view of views/customer/. */
export async function sendPage(
  parts: CustomerParts,
  request: Request,
  response: Response,
  page: string,
  options: CustomerPageOptions,
  model: object,
): Promise<void> {
  const frame = await frameOf(parts, request, response, options);
  const html = await parts.draw(`customer/${page}`, { say: frame.say, ...model, frame });
  response
    .status(options.status ?? 200)
    .type('html')
    .send(html);
}

async function frameOf(
  parts: CustomerParts,
  request: Request,
  response: Response,
  options: CustomerPageOptions,
): Promise<CustomerFrame> {
  const language = languageOf(request);
  const say = sayIn(language);
  const who = request.customer;
  const page = who === undefined ? undefined : pageAt(parts, request.path);
  return {
    title: options.title,
    csrf: formToken(request, response),
    theme: themeIn(request),
    language,
    languages,
    say,
    who: who === undefined ? undefined : whoModel(who, say),
    domains: who === undefined ? undefined : await domainChoice(parts, who, request.session.domain),
    place: who === undefined ? '' : await placeOf(parts, language, who.account),
    menu: who === undefined ? [] : menuOf(parts, who, say, page?.goal),
    tabs: who === undefined || page === undefined ? [] : tabsOf(parts, who, say, page),
    goal: page === undefined ? '' : say(`goal.${page.goal}`),
    as: who?.staff === undefined ? undefined : { ...who.staff, account: who.account },
    brand: who === undefined ? undefined : await brandOf(parts, who.account),
    words: JSON.stringify(wordsOf(say)),
    here: request.method === 'GET' ? request.originalUrl : '/my',
    refresh: options.refresh ?? 0,
  };
}

function whoModel(who: Customer, say: CustomerSay): CustomerFrame['who'] {
  const role = who.staff === undefined ? say(`role.${who.role}`) : say('role.staff');
  const name = who.staff?.name ?? who.name;
  return { name, account: who.account, role, own: customerReach(who, 'own') !== 'none' };
}

function wordsOf(say: CustomerSay): Readonly<Record<string, string>> {
  return {
    show: say('form.show'),
    hide: say('form.hide'),
    copy: say('form.copy'),
    copied: say('form.copied'),
    generate: say('form.generate'),
  };
}

/** How the self-service looks to the customers of a reseller; undefined: as Tandem. */
export async function brandOf(parts: CustomerParts, account: string): Promise<CustomerFrame['brand']> {
  const owner = (await accountRow(parts, account)).row?.owner;
  const brand = owner === undefined ? undefined : await parts.auth.desk.brand(owner);
  return brand === undefined ? undefined : { title: brand.title, logo: brand.logo !== '' };
}

/** The page that a path belongs to: the longest that it is at or below. */
export function pageAt(parts: Pick<CustomerParts, 'all'>, path: string): CustomerPage | undefined {
  return parts.all
    .filter((page) => path === page.path || path.startsWith(`${page.path}/`))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
}

/** The pages that a customer may open, under one entry of the menu, in order. */
export function pagesOf(parts: Pick<CustomerParts, 'all'>, who: Customer, goal: Goal): readonly CustomerPage[] {
  return parts.all.filter(
    (page) => page.goal === goal && page.order !== undefined && customerReach(who, page.area) !== 'none',
  );
}

function menuOf(parts: CustomerParts, who: Customer, say: CustomerSay, current?: Goal): readonly MenuEntry[] {
  return goals.flatMap((goal) => {
    const [first] = pagesOf(parts, who, goal);
    return first === undefined ? [] : [{ label: say(`goal.${goal}`), href: first.path, current: goal === current }];
  });
}

function tabsOf(parts: CustomerParts, who: Customer, say: CustomerSay, page: CustomerPage): readonly MenuEntry[] {
  const pages = pagesOf(parts, who, page.goal);
  if (pages.length < 2) return [];
  // A page without a tab of its own belongs to the one of the same title: one user to the list of users.
  const isOpen = (one: CustomerPage): boolean => one === page || (page.order === undefined && one.title === page.title);
  return pages.map((one) => ({ label: say(one.title), href: one.path, current: isOpen(one) }));
}
