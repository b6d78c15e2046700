import { Invalid } from '../../errors.ts';
import type { Args } from '../../whm/call.ts';

/** WHM 11.13x takes some hundred parameters at most; beyond this it is an attack or an accident. */
const mostParameters = 5000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const controlInName = /[\x00-\x1f\x7f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const controlInValue = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;
/** Parameters whose text legitimately has several lines: certificates, keys, mail bodies, zones, JSON. */
const manyLines =
  /(?:^|[._-])(?:crt|cert|certificate|key|cab|cabundle|ca_bundle|pem|csr|body|text|content|template|zone_?data|json|data|add|edit|reason|notes?|message)(?:[._-]?\d+)?$/i;

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Invalid('A parameter is not encoded as a URL demands.');
  }
}

/** Parses `a=1&b=2&a=3`, keeping order and repeats. Throws Invalid on broken percent-encoding. */
export function formArgs(text: string): Args {
  const args: [string, string][] = [];
  if (text === '') return args;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    args.push(at === -1 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))]);
  }
  return args;
}

function scalar(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** A JSON body as arguments: booleans become 1 and 0, lists repeat the name, objects stay JSON text. */
export function jsonArgs(text: string): Args {
  let parsed: unknown;
  try {
    parsed = text.trim() === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new Invalid('The body is not valid JSON.', [], { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Invalid('The body must be one JSON object.');
  return objectArgs(parsed);
}

/** The fields of an object as arguments, as in a JSON body. */
export function objectArgs(fields: object): Args {
  return Object.entries(fields).flatMap(([name, value]): Args => {
    if (Array.isArray(value)) return value.map((item) => [name, scalar(item)] as const);
    return [[name, scalar(value)]];
  });
}

/** Throws Invalid when a name or value could not have been meant: control characters, too many parameters. */
export function checkArgs(args: Args): void {
  if (args.length > mostParameters) throw new Invalid(`More than ${mostParameters} parameters.`);
  for (const [name, value] of args) {
    if (controlInName.test(name)) throw new Invalid('A parameter name holds control characters.');
    if (controlInValue.test(value)) throw new Invalid(`The parameter “${name}” holds control characters.`);
    if (/[\r\n]/.test(value) && !manyLines.test(name))
      throw new Invalid(`The parameter “${name}” must be a single line.`);
  }
}

/**
 * Query and body together, query first. The body is a form when its type is form, octet-stream or missing (xmlapi-php
 * sends the second, hand-written clients nothing), JSON when it is JSON; anything else is refused, never guessed.
 */
export function requestArgs(query: string, body: string, contentType: string | undefined): Args {
  const asked = formArgs(query);
  const args = body === '' ? asked : [...asked, ...bodyArgs(body, contentType ?? '')];
  checkArgs(args);
  return args;
}

function bodyArgs(body: string, contentType: string): Args {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return jsonArgs(body);
  const form = ['', 'application/x-www-form-urlencoded', 'application/octet-stream', 'text/plain'];
  if (form.includes(type)) return formArgs(body.replace(/\r?\n$/, ''));
  throw new Invalid(`A body of type ${type.slice(0, 60)} is not understood; send a form or JSON.`);
}

/** The last value of a parameter: as in WHM, the later one wins where one value is meant. */
export function lastOf(args: Args, name: string): string | undefined {
  return args.findLast(([n]) => n === name)?.[1];
}

/** Arguments without those that steer the call and are not the function's own: API version and `tandem.*`. */
export function ownArgs(args: Args): Args {
  return args.filter(([name]) => name !== 'api.version' && !name.startsWith('tandem.'));
}
