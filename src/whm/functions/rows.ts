import { uapiAD } from './data/uapi-a-d.ts';
import { uapiEF } from './data/uapi-e-f.ts';
import { uapiGM } from './data/uapi-g-m.ts';
import { uapiNS } from './data/uapi-n-s.ts';
import { uapiSsZ } from './data/uapi-ss-z.ts';
import { whmAccounts } from './data/whm-accounts.ts';
import { whmNames } from './data/whm-names.ts';
import { whmProtection } from './data/whm-protection.ts';
import { whmServer } from './data/whm-server.ts';

/** What the catalogue says of a function, before any rule of ours. */
export interface Row {
  readonly api: 'whm' | 'uapi';
  readonly name: string;
  readonly category: string;
  readonly kind: Kind;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly since: string;
}

const kinds = ['read', 'fanout', 'local', 'dangerous', 'session'] as const;
export type Kind = (typeof kinds)[number];

function kindOf(text: string): Kind {
  const kind = kinds.find((k) => k === text);
  if (kind === undefined) throw new RangeError(`no kind of function is called ${text}`);
  return kind;
}

function listOf(text: string): readonly string[] {
  return text === '-' ? [] : text.split(' ');
}

/** One function as a table has it. */
export interface Line {
  readonly api: Row['api'];
  readonly name: string;
  readonly text: string;
}

/** What a line says. Throws RangeError for an unknown kind. */
export function rowOf({ api, text }: Line): Row {
  const [name = '', category = '', kind = '', required = '-', optional = '-', flags = '-', since = '-'] =
    text.split(' | ');
  return {
    api,
    name,
    category,
    kind: kindOf(kind),
    required: listOf(required),
    optional: listOf(optional),
    flags: new Set(listOf(flags)),
    since: since === '-' ? '' : since,
  };
}

function linesOf(api: Row['api'], tables: readonly string[]): readonly Line[] {
  return tables
    .flatMap((table) => table.trim().split('\n'))
    .map((text) => ({ api, name: text.slice(0, text.indexOf(' | ')), text }));
}

/** Every function of the catalogue, WHM API 1 first. */
export function catalogue(): readonly Line[] {
  return [
    ...linesOf('whm', [whmAccounts, whmNames, whmProtection, whmServer]),
    ...linesOf('uapi', [uapiAD, uapiEF, uapiGM, uapiNS, uapiSsZ]),
  ];
}
