/** One answer as a body: JSON, or XML with the root element that each API has. */
import { type Body, jsonBody, xmlBody } from './envelope.ts';
import { xmlText } from './xml.ts';

export type Format = 'json' | 'xml';

type Row = Readonly<Record<string, unknown>>;

/** An answer's tree, before it is JSON or XML. */
export type Shown =
  | { readonly api: 'whm-1'; readonly value: Row }
  | { readonly api: 'whm-0'; readonly fn: string; readonly value: unknown }
  | { readonly api: 'uapi'; readonly value: Row }
  | { readonly api: 'cpanel'; readonly value: Row };

const DECLARATION = '<?xml version="1.0" ?>\n';

/** Data with one list and nothing else is marked, since one element and a hash look the same. */
function isLiteral(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const values = Object.values(data);
  return values.length === 1 && Array.isArray(values[0]);
}

function whmOne({ metadata, data }: Row): string {
  const told = { ...(metadata as Row), ...(isLiteral(data) ? { payload_is_literal: 1 } : {}) };
  return xmlText('result', data === undefined ? { metadata: told } : { metadata: told, data }, 'kept');
}

function xmlOf(shown: Shown): string {
  switch (shown.api) {
    case 'whm-1':
      return whmOne(shown.value);
    case 'whm-0':
      return xmlText(shown.fn, shown.value, 'sorted');
    case 'uapi':
      return xmlText('result', shown.value, 'kept');
    case 'cpanel':
      // UAPI through it has no member of that name: its own members stand in the root element.
      return DECLARATION + xmlText('cpanelresult', shown.value['cpanelresult'] ?? shown.value, 'sorted');
  }
}

/** The body; `failed` picks the content type of JSON. */
export function bodyOf(format: Format, shown: Shown, failed: boolean): Body {
  return format === 'xml' ? xmlBody(xmlOf(shown)) : jsonBody(shown.value, failed);
}

/** Marks the answer of a function that is not modelled. */
export function marked(body: Body): Body {
  return { ...body, headers: { ...body.headers, 'x-simulated': 'declared' } };
}
