/** Filters, sorts, pages and columns of lists, as the three APIs let a caller ask for them. */
import type { Args } from './params.ts';

type Row = Readonly<Record<string, unknown>>;
type Items = readonly unknown[];

export interface Arranged {
  readonly data: unknown;
  /** What is told about it: `chunk` and `filter` of WHM API 1, `paginate` of the others. */
  readonly metadata: Row;
}

interface Filter {
  readonly field: string;
  readonly term: string;
  readonly type: string;
}

interface Order {
  readonly field: string;
  readonly method: string;
  readonly reverse: boolean;
}

interface Page {
  /** From 0. */
  readonly start: number;
  readonly size: number;
}

function fieldOf(item: unknown, field: string): unknown {
  if (typeof item !== 'object' || item === null) return item;
  // Only read: a missing member is undefined.
  return (item as Row)[field];
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

/** 'unlimited' and '*unknown*' are no numbers: `otherwise` stands for them. */
function numberOf(value: unknown, otherwise = 0): number {
  const found = Number.parseFloat(textOf(value));
  return Number.isNaN(found) ? otherwise : found;
}

type Test = (value: unknown, term: string) => boolean;

const boundless = Number.POSITIVE_INFINITY;
const TESTS: Readonly<Record<string, Test>> = {
  contains: (v, t) => textOf(v).toLowerCase().includes(t.toLowerCase()),
  begins: (v, t) => textOf(v).toLowerCase().startsWith(t.toLowerCase()),
  eq: (v, t) => textOf(v) === t,
  '==': (v, t) => numberOf(v) === numberOf(t),
  lt: (v, t) => numberOf(v) < numberOf(t),
  lt_equal: (v, t) => numberOf(v) <= numberOf(t),
  gt: (v, t) => numberOf(v) > numberOf(t),
  gt_equal: (v, t) => numberOf(v) >= numberOf(t),
  lt_handle_unlimited: (v, t) => numberOf(v, boundless) < numberOf(t, boundless),
  gt_handle_unlimited: (v, t) => numberOf(v, boundless) > numberOf(t, boundless),
};

function passes(item: unknown, { field, term, type }: Filter): boolean {
  const test = TESTS[type] ?? TESTS['contains'];
  if (test === undefined) return true;
  const isRow = typeof item === 'object' && item !== null;
  const values = field === '*' && isRow ? Object.values(item) : [fieldOf(item, field)];
  return values.some((value) => test(value, term));
}

/** '192.0.2.10' as one number. */
function addressOf(value: unknown): number {
  return textOf(value)
    .split('.')
    .reduce((sum, part) => sum * 256 + Number(part), 0);
}

function compared(a: unknown, b: unknown, method: string): number {
  const zeroLast = (value: unknown): number => numberOf(value, boundless) || boundless;
  const difference = (x: number, y: number): number => (x === y ? 0 : x - y);
  if (method === 'ipv4') return difference(addressOf(a), addressOf(b));
  if (method === 'numeric_zero_as_max') return difference(zeroLast(a), zeroLast(b));
  if (method === 'numeric') return difference(numberOf(a, boundless), numberOf(b, boundless));
  const [left, right] = [textOf(a), textOf(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function sorted(items: Items, orders: readonly Order[]): Items {
  if (orders.length === 0) return items;
  return items.toSorted((a, b) => {
    for (const { field, method, reverse } of orders) {
      const found = compared(fieldOf(a, field), fieldOf(b, field), method);
      if (found !== 0) return reverse ? -found : found;
    }
    return 0;
  });
}

function columnsOf(item: unknown, names: readonly string[]): unknown {
  if (names.length === 0 || typeof item !== 'object' || item === null) return item;
  return Object.fromEntries(names.map((name) => [name, fieldOf(item, name) ?? null]));
}

function argsOf(args: Args): ReadonlyMap<string, string> {
  return new Map(args);
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0';
}

/** The letters under which a table parameter was sent, 'a' to 'z', then 'za' and so on. */
function letters(given: ReadonlyMap<string, string>, prefix: string): readonly string[] {
  const found = [...given.keys()].flatMap((name) =>
    name.startsWith(prefix) ? [name.slice(prefix.length).split('.')[0] ?? ''] : [],
  );
  const asked = [...new Set(found)].filter((name) => /^z*[a-y]$|^z+$/u.test(name));
  return asked.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

function whmFilters(given: ReadonlyMap<string, string>): readonly Filter[] {
  if (!isOn(given.get('api.filter.enable'))) return [];
  return letters(given, 'api.filter.').map((at) => ({
    field: given.get(`api.filter.${at}.field`) ?? '*',
    term: given.get(`api.filter.${at}.arg0`) ?? '',
    type: given.get(`api.filter.${at}.type`) ?? 'contains',
  }));
}

function whmOrders(given: ReadonlyMap<string, string>): readonly Order[] {
  if (!isOn(given.get('api.sort.enable'))) return [];
  return letters(given, 'api.sort.').map((at) => ({
    field: given.get(`api.sort.${at}.field`) ?? '',
    method: given.get(`api.sort.${at}.method`) ?? 'lexicographic',
    reverse: isOn(given.get(`api.sort.${at}.reverse`)),
  }));
}

function whmPage(given: ReadonlyMap<string, string>): Page | undefined {
  const size = numberOf(given.get('api.chunk.size'));
  if (!isOn(given.get('api.chunk.enable')) || size <= 0) return undefined;
  return { size, start: Math.max(1, numberOf(given.get('api.chunk.start'), 1)) - 1 };
}

function chunkOf(page: Page, records: number): Row {
  const { size, start } = page;
  return {
    chunks: Math.ceil(records / size),
    current: Math.floor(start / size) + 1,
    records,
    size,
    start: start + 1,
  };
}

const WHM = /^api\.(chunk|sort|filter|columns)\.enable$/u;

/** WHM API 1: works on the first list in the data. */
export function arrangeWhm(args: Args, data: unknown): Arranged {
  const nothing = { data, metadata: {} };
  if (!args.some(([name, value]) => WHM.test(name) && isOn(value))) return nothing;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return nothing;
  const [name, list] = Object.entries(data).find(([, value]) => Array.isArray(value)) ?? [];
  if (name === undefined || !Array.isArray(list)) return nothing;
  const given = argsOf(args);
  const [filters, page] = [whmFilters(given), whmPage(given)];
  const kept = sorted(
    list.filter((item: unknown) => filters.every((f) => passes(item, f))),
    whmOrders(given),
  );
  const shown = page === undefined ? kept : kept.slice(page.start, page.start + page.size);
  const columns = isOn(given.get('api.columns.enable'))
    ? letters(given, 'api.columns.').flatMap((at) => given.get(`api.columns.${at}`) ?? [])
    : [];
  const chunk = page !== undefined && isOn(given.get('api.chunk.verbose')) ? { chunk: chunkOf(page, kept.length) } : {};
  const filter =
    filters.length > 0 && isOn(given.get('api.filter.verbose'))
      ? { filter: { filtered: list.length - kept.length } }
      : {};
  return {
    data: { ...data, [name]: shown.map((item) => columnsOf(item, columns)) },
    metadata: { ...chunk, ...filter },
  };
}

/** Names such as `api.filter_column`, also numbered: `api.filter_column_1`. */
function suffixes(given: ReadonlyMap<string, string>, name: string): readonly string[] {
  const found = [...given.keys()].flatMap((key) =>
    key.startsWith(name) && /^(_\d+)?$/u.test(key.slice(name.length)) ? [key.slice(name.length)] : [],
  );
  return found.sort();
}

function listPage(given: ReadonlyMap<string, string>, prefix: string): Page | undefined {
  const size = numberOf(given.get(`${prefix}paginate_size`), 20);
  if (!isOn(given.get(`${prefix}paginate`)) || size <= 0) return undefined;
  const page = numberOf(given.get(`${prefix}paginate_page`));
  if (page > 0) return { size, start: (page - 1) * size };
  return { size, start: Math.max(1, numberOf(given.get(`${prefix}paginate_start`), 1)) - 1 };
}

function pageFields({ size, start }: Page, total: number): Row {
  return {
    current_page: Math.floor(start / size) + 1,
    results_per_page: size,
    start_result: start + 1,
    total_pages: Math.ceil(total / size),
    total_results: total,
  };
}

/** UAPI ('api.') and API 2 ('api2_'): the data itself is the list. */
export function arrangeList(args: Args, data: unknown, prefix: 'api.' | 'api2_'): Arranged {
  if (!Array.isArray(data) || !args.some(([name]) => name.startsWith(prefix))) return { data, metadata: {} };
  const given = argsOf(args);
  const filters = !isOn(given.get(`${prefix}filter`))
    ? []
    : suffixes(given, `${prefix}filter_column`).map((n) => ({
        field: given.get(`${prefix}filter_column${n}`) ?? '*',
        term: given.get(`${prefix}filter_term${n}`) ?? '',
        type: given.get(`${prefix}filter_type${n}`) ?? 'contains',
      }));
  const orders = !isOn(given.get(`${prefix}sort`))
    ? []
    : suffixes(given, `${prefix}sort_column`).map((n) => ({
        field: given.get(`${prefix}sort_column${n}`) ?? '',
        method: given.get(`${prefix}sort_method${n}`) ?? 'lexicographic',
        reverse: isOn(given.get(`${prefix}sort_reverse${n}`)),
      }));
  const kept = sorted(
    data.filter((item: unknown) => filters.every((f) => passes(item, f))),
    orders,
  );
  const page = listPage(given, prefix);
  if (page === undefined) return { data: kept, metadata: {} };
  return {
    data: kept.slice(page.start, page.start + page.size),
    metadata: { paginate: pageFields(page, kept.length) },
  };
}
