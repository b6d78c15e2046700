import type { AccountRow } from '../../../operations/model.ts';
import type { PortalSay } from '../texts/en.ts';
import { type ChipModel, chipModel } from './chips.ts';
import { readableDomain, storedDomain } from './idn.ts';
import type { Reader } from './reader.ts';

/** What stands in the URL of the accounts list. Unknown or odd values count as not given. */
export interface AccountFilter {
  readonly q: string;
  readonly state: string;
  readonly plan: string;
  readonly owner: string;
  readonly page: number;
}

export interface SelectModel {
  readonly name: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly selected: boolean }[];
}

export interface AccountItem {
  readonly user: string;
  readonly href: string;
  readonly domain: string;
  /** The domain as people read it, where that is another text; else ''. */
  readonly readable: string;
  readonly owner: string;
  readonly plan: string;
  readonly disk: string;
  readonly suspended: boolean;
  readonly chips: readonly ChipModel[];
}

export interface AccountsModel {
  readonly rows: readonly AccountItem[];
  readonly q: string;
  readonly filtered: boolean;
  readonly matching: string;
  readonly total: string;
  readonly selects: readonly SelectModel[];
  readonly previous: string;
  readonly next: string;
  readonly range: string;
  /** Where the same rows are as CSV. */
  readonly csv: string;
}

const pageSize = 100;
const states = ['active', 'suspended', 'open'] as const;

/** Reads the filter out of a parsed query string. */
export function accountFilter(query: Readonly<Record<string, unknown>>): AccountFilter {
  const text = (name: string): string => {
    const value = query[name];
    return typeof value === 'string' ? value.trim().slice(0, 253) : '';
  };
  const page = Number(text('page'));
  return {
    q: storedDomain(text('q').toLowerCase()),
    state: text('state'),
    plan: text('plan'),
    owner: text('owner'),
    page: Number.isInteger(page) && page > 1 ? page : 1,
  };
}

/** The accounts that a filter leaves, by name. */
export function matchingAccounts(rows: readonly AccountRow[], filter: AccountFilter): readonly AccountRow[] {
  return rows
    .filter((row) => matchesText(row, filter.q) && matchesState(row, filter.state))
    .filter((row) => filter.plan === '' || row.plan === filter.plan)
    .filter((row) => filter.owner === '' || row.owner === filter.owner)
    .toSorted((a, b) => (a.user < b.user ? -1 : 1));
}

function matchesText(row: AccountRow, q: string): boolean {
  return q === '' || [row.user, row.domain, row.email, row.owner].some((text) => text.toLowerCase().includes(q));
}

function matchesState(row: AccountRow, state: string): boolean {
  switch (state) {
    case 'active':
      return !row.suspended;
    case 'suspended':
      return row.suspended;
    case 'open':
      return row.chips.some((chip) => chip.state !== 'in-step');
    default:
      return true;
  }
}

/** The accounts list as the view draws it. */
export function accountsModel(rows: readonly AccountRow[], filter: AccountFilter, reader: Reader): AccountsModel {
  const found = matchingAccounts(rows, filter);
  const pages = Math.max(1, Math.ceil(found.length / pageSize));
  const page = Math.min(filter.page, pages);
  const from = (page - 1) * pageSize;
  const shown = found.slice(from, from + pageSize);
  return {
    rows: shown.map((row) => accountItem(row, reader)),
    q: filter.q,
    filtered: filter.q !== '' || filter.state !== '' || filter.plan !== '' || filter.owner !== '',
    csv: urlOf(filter, 1).replace('/accounts', '/accounts/list.csv'),
    matching: count(found.length),
    total: count(rows.length),
    selects: selects(rows, filter, reader.say),
    previous: page > 1 ? urlOf(filter, page - 1) : '',
    next: page < pages ? urlOf(filter, page + 1) : '',
    range: shown.length === 0 ? '' : rangeOf(from, shown.length, found.length, reader.say),
  };
}

function rangeOf(from: number, shown: number, all: number, say: PortalSay): string {
  return say('accounts.range', { from: count(from + 1), to: count(from + shown), count: count(all) });
}

/** One account as lists and its own page draw it. */
export function accountItem(row: AccountRow, reader: Pick<Reader, 'say' | 'names'>): AccountItem {
  return {
    user: row.user,
    href: `/accounts/${encodeURIComponent(row.user)}`,
    domain: row.domain,
    readable: readableDomain(row.domain),
    owner: row.owner,
    plan: row.plan,
    disk: row.diskused,
    suspended: row.suspended,
    chips: row.chips.map((chip) => chipModel(chip, reader)),
  };
}

function selects(rows: readonly AccountRow[], filter: AccountFilter, say: PortalSay): readonly SelectModel[] {
  const distinct = (values: readonly string[]): readonly (readonly [string, string])[] =>
    [...new Set(values)]
      .filter((value) => value !== '')
      .toSorted()
      .map((value) => [value, value] as const);
  const select = (
    name: 'state' | 'plan' | 'owner',
    label: string,
    options: readonly (readonly [string, string])[],
  ): SelectModel => ({
    name,
    label,
    options: options.map(([value, text]) => ({ value, label: text, selected: value === filter[name] })),
  });
  return [
    select('state', say('accounts.state'), [
      ['', say('accounts.state.any')],
      ...states.map((state) => [state, say(`accounts.state.${state}`)] as const),
    ]),
    select('plan', say('account.package'), [
      ['', say('accounts.package.any')],
      ...distinct(rows.map((row) => row.plan)),
    ]),
    select('owner', say('account.owner'), [['', say('accounts.owner.any')], ...distinct(rows.map((row) => row.owner))]),
  ];
}

function urlOf(filter: AccountFilter, page: number): string {
  const query = new URLSearchParams();
  for (const name of ['q', 'state', 'plan', 'owner'] as const) if (filter[name] !== '') query.set(name, filter[name]);
  if (page > 1) query.set('page', String(page));
  return `/accounts?${query.toString()}`;
}

/** 1204 → '1,204'. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
