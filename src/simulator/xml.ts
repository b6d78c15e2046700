/** Answers as XML: the same tree as the JSON. */

type Row = Readonly<Record<string, unknown>>;

const MARKS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/gu, (mark) => MARKS[mark] ?? mark);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether children come sorted by name: API 0 and API 2 do, API 1 keeps its order. */
export type Order = 'sorted' | 'kept';

function membersOf(row: Row, order: Order): readonly (readonly [string, unknown])[] {
  const members = Object.entries(row);
  return order === 'kept' ? members : members.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** One element; a list repeats its name, an empty one in a record is one empty element. */
function element(name: string, value: unknown, order: Order, indent: string): string {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value.length === 0 ? [''] : value;
    return items.map((item) => element(name, item, order, indent)).join('');
  }
  if (!isRow(value)) return `${indent}<${name}>${escaped(textOf(value))}</${name}>\n`;
  const members = membersOf(value, order);
  if (members.length === 0) return `${indent}<${name}></${name}>\n`;
  const inner = members.map(([key, item]) => element(key, item, order, `${indent}  `)).join('');
  return `${indent}<${name}>\n${inner}${indent}</${name}>\n`;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? '1' : '';
  return String(value);
}

/** Members that are empty lists: at the top of an answer they have no element at all. */
function withoutEmptyLists(value: unknown): unknown {
  if (!isRow(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => !Array.isArray(item) || item.length > 0));
}

/** A document with this root element. Keys stay as they are, also those that no XML standard allows. */
export function xmlText(root: string, value: unknown, order: Order): string {
  return element(root, withoutEmptyLists(value), order, '');
}
