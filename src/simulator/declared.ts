/**
 * Answers of functions that are not modelled: the fields that cPanel's reference declares, with empty values. Such an
 * answer says so in the header `X-Simulated: declared`, and nothing changes on the server.
 */
import { functions } from '../whm/functions/index.ts';
import { uapiDeclaredOne } from './data/declared-uapi-one.ts';
import { uapiDeclaredTwo } from './data/declared-uapi-two.ts';
import { whmDeclaredOne } from './data/declared-whm-one.ts';
import { whmDeclaredTwo } from './data/declared-whm-two.ts';
import type { AccountHandler, Declared, Handler } from './handler.ts';
import { ok } from './handler.ts';

export interface DeclaredFunctions {
  whm(fn: string): Declared<Handler> | undefined;
  uapi(fn: string): Declared<AccountHandler> | undefined;
  /** Every WHM function that can be answered so. */
  readonly whmNames: readonly string[];
}

function shapesOf(texts: readonly string[]): ReadonlyMap<string, string> {
  const lines = texts.flatMap((text) => text.trim().split('\n'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const));
}

const LEAVES: Readonly<Record<string, unknown>> = { s: '', i: 0, n: null };

interface Read {
  readonly value: unknown;
  /** Where the text goes on. */
  readonly at: number;
}

function readFields(text: string, start: number): Read {
  const fields: Record<string, unknown> = {};
  let at = start;
  while (text[at] !== '}') {
    const colon = text.indexOf(':', at);
    const read = readShape(text, colon + 1);
    fields[text.slice(at, colon)] = read.value;
    at = text[read.at] === ',' ? read.at + 1 : read.at;
  }
  return { value: fields, at: at + 1 };
}

function readShape(text: string, at: number): Read {
  const mark = text[at] ?? '';
  if (mark === '{') return readFields(text, at + 1);
  if (mark === '[') return { value: [], at: at + 2 };
  if (!(mark in LEAVES)) throw new RangeError(`no shape begins at ${at} of ${text}`);
  return { value: LEAVES[mark], at: at + 1 };
}

/** The empty value of a shape such as '{ip:s,used:i,zones:[]}'. Throws RangeError when the text is no shape. */
export function emptyOf(shape: string): unknown {
  return readShape(shape, 0).value;
}

function sinceOf(text: string): { readonly since?: string } {
  if (text === '') return {};
  return { since: /^\d+$/u.test(text) ? `11.${text}` : text };
}

/** The functions of the table that declare what they answer; those that declare nothing answer without data. */
export function declaredFunctions(): DeclaredFunctions {
  const shapes = {
    whm: shapesOf([whmDeclaredOne, whmDeclaredTwo]),
    uapi: shapesOf([uapiDeclaredOne, uapiDeclaredTwo]),
  };
  function find(api: 'whm' | 'uapi', fn: string): Declared<Handler> | undefined {
    const entry = functions.get(api, fn);
    if (entry === undefined) return undefined;
    const shape = shapes[api].get(fn);
    return {
      ...sinceOf(entry.since),
      run({ params }) {
        const needed = entry.required.filter((name) => !name.endsWith('*') && params.list(name).length === 0);
        for (const name of needed) params.require(name);
        return ok(shape === undefined ? undefined : emptyOf(shape));
      },
    };
  }
  return {
    whm: (fn) => find('whm', fn),
    uapi: (fn) => find('uapi', fn),
    whmNames: functions.all.filter((f) => f.api === 'whm').map((f) => f.name),
  };
}
