/** Answers as XML, as cPanel writes it: no attributes, lists repeat their key, null and "" are empty elements. */

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to write these
const unwritable = /[\x00-\x08\x0b\x0c\x0e-\x1f]/g;

function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value)
    .replace(unwritable, '')
    .replace(/[&<>"]/g, (c) => escapes[c] ?? c);
}

/** A key that is no name of an element would end the document for every reader. */
function nameOf(key: string): string {
  const name = key.replace(/[^A-Za-z0-9_.-]/g, '_');
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`;
}

function element(key: string, value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}<${nameOf(key)}></${nameOf(key)}>\n`;
    return value.map((item: unknown) => element(key, item, indent)).join('');
  }
  const name = nameOf(key);
  if (typeof value !== 'object' || value === null) return `${indent}<${name}>${text(value)}</${name}>\n`;
  return `${indent}<${name}>\n${children(value, `${indent}  `)}${indent}</${name}>\n`;
}

function children(value: object, indent: string): string {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => element(key, item, indent))
    .join('');
}

/** A whole document; `body` is what JSON would hold. */
export function xmlOf(root: string, body: unknown): string {
  return element(root, Array.isArray(body) ? { [root]: body } : (body ?? {}), '');
}

type Row = Readonly<Record<string, unknown>>;

/**
 * The document of a function: WHM API 0 stands under the function's name, WHM API 1 under `<result>` with `metadata`
 * first, API 2 under `<cpanelresult>` with the declaration that only it has.
 */
export function xmlBody(fn: string, body: unknown): string {
  // A plain object is all that this says; every field is read as unknown.
  const record = typeof body === 'object' && body !== null ? (body as Row) : {};
  if ('cpanelresult' in record) return `<?xml version="1.0" ?>\n${xmlOf('cpanelresult', record['cpanelresult'])}`;
  if ('metadata' in record && fn !== 'cpanel') {
    const { metadata, data, ...rest } = record;
    return xmlOf('result', { metadata, ...(data === undefined ? {} : { data }), ...rest });
  }
  return xmlOf(fn === 'cpanel' || fn === '' ? 'cpanelresult' : fn, record);
}
