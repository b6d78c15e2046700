/** Filters, sorts, pages and columns of lists, as the three APIs let a caller ask for them. */
import { columnsOf, type Filter, numberOf, type Order, passes, sorted } from './arrange-rules.ts';
import type { Args } from './params.ts';

type Row = Readonly<Record<string, unknown>>;

export interface Arranged {
  readonly data: unknown;
  /** What is told about it: `chunk` and `filter` of WHM API 1, `paginate` of the others. */
  readonly metadata: Row;
}

interface Page {
  /** From 0. */
  readonly start: number;
  readonly size: number;
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
