import type { Args, WhmCall } from './call.ts';
import { functions } from './functions/index.ts';
import { secretNames } from './functions/values.ts';
import { type Fields, isFields } from './shapes.ts';

/** What stands in place of a secret. */
export const hidden = '•••';

/** Shorter values would tear holes into every sentence. */
const shortestSecret = 4;

const outward = [
  // A session's own path and a token's header, wherever they turn up.
  [/\bcpsess\d{4,}/g, `cpsess${hidden}`],
  [/\b((?:whm|cpanel|basic|bearer)\s+)[A-Za-z0-9._~+/=:-]{8,}/gi, `$1${hidden}`],
  [/\b(pass(?:word|wd)?\s*[:=]\s*)\S+/gi, `$1${hidden}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
] as const;

/** What is secret in a call of a function that has secrets of its own. Made once: each call asks three times. */
const withOwn = new Map<readonly string[], ReadonlySet<string>>();

function listed(call: WhmCall): ReadonlySet<string> {
  const own = call.api === 'api2' ? undefined : functions.get(call.api, call.fn)?.secrets;
  if (own === undefined || own.length === 0) return secretNames;
  const known = withOwn.get(own) ?? new Set([...secretNames, ...own]);
  withOwn.set(own, known);
  return known;
}

/** With those of a call inside it. */
function secretNamesOf(call: WhmCall): ReadonlySet<string> {
  const inner = innerOf(call, call.args);
  const own = listed(call);
  return inner === undefined ? own : new Set([...own, ...listed(inner)]);
}

/** 'key-0' is one of a list of 'key'. */
function bare(name: string): string {
  return name.replace(/-\d+$/, '');
}

function isCommand(call: WhmCall, name: string): boolean {
  return bare(name) === 'command' && (call.fn === 'batch' || call.fn === 'Batch::strict');
}

/** A call as a container's inner call names it: the function of 'createacct?password=x', or UAPI's own names. */
function innerOf(call: WhmCall, args: Args): WhmCall | undefined {
  if (call.api !== 'whm') return undefined;
  const value = (name: string): string | undefined => args.find(([n]) => n === name)?.[1];
  const [module, func] =
    call.fn === 'uapi_cpanel'
      ? [value('cpanel.module'), value('cpanel.function')]
      : [value('cpanel_jsonapi_module'), value('cpanel_jsonapi_func')];
  if (module === undefined || func === undefined) return undefined;
  return { api: 'uapi', fn: `${module}::${func}`, args: [] };
}

function redactCommand(command: string): string {
  const at = command.indexOf('?');
  if (at < 0) return command;
  const fn = command.slice(0, at);
  const inner: WhmCall = { api: 'whm', fn, args: [...new URLSearchParams(command.slice(at + 1))] };
  return `${fn}?${redactCall(inner)
    .args.map(([name, value]) => `${encodeURIComponent(name)}=${value === hidden ? hidden : encodeURIComponent(value)}`)
    .join('&')}`;
}

/** The same call with every secret argument replaced, also inside containers. For logs, audit and dry runs. */
export function redactCall(call: WhmCall): WhmCall {
  const secret = secretNamesOf(call);
  const args = call.args.map(([name, value]) => {
    if (isCommand(call, name)) return [name, redactCommand(value)] as const;
    return [name, secret.has(bare(name)) ? hidden : value] as const;
  });
  if (call.json === undefined) return { ...call, args };
  return { ...call, args, json: fieldsHidden(call.json, secret) };
}

function fieldsHidden(fields: Fields, secret: ReadonlySet<string>): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, secret.has(name) ? hidden : valueHidden(value, secret)]),
  );
}

function valueHidden(value: unknown, secret: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => valueHidden(one, secret));
  return isFields(value) ? fieldsHidden(value, secret) : value;
}

/** Every text below a secret name of a JSON body, and with `all` every text there is. */
function textsIn(value: unknown, secret: ReadonlySet<string>, all: boolean): readonly string[] {
  if (typeof value === 'string') return all ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one: unknown) => textsIn(one, secret, all));
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => textsIn(one, secret, all || secret.has(name)));
}

/** The secret values of a call, to be taken out of whatever comes back. Longest first. */
export function secretsIn(call: WhmCall): readonly string[] {
  const secret = secretNamesOf(call);
  const values = call.args.flatMap(([name, value]) => {
    if (secret.has(bare(name))) return [value];
    const at = value.indexOf('?');
    if (!isCommand(call, name) || at < 0) return [];
    return secretsIn({ api: 'whm', fn: value.slice(0, at), args: [...new URLSearchParams(value.slice(at + 1))] });
  });
  const inBody = textsIn(call.json, secret, false);
  return [...new Set([...values, ...inBody].filter((value) => value.length >= shortestSecret))].sort(
    (a, b) => b.length - a.length,
  );
}

/** A sentence without the given secrets and without what looks like one. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= shortestSecret) clean = clean.replaceAll(secret, hidden);
  for (const [pattern, by] of outward) clean = clean.replace(pattern, by);
  return clean;
}

/**
 * The data of an answer (`Done.data`), to be kept or shown: fields that are secret by name are replaced, and secrets of
 * the call are taken out of every text. A copy; the answer itself is left alone.
 */
export function redactAnswer(call: WhmCall, data: unknown, secrets: readonly string[] = []): unknown {
  if (listed(call).has('data') && data !== undefined) return hidden;
  return redactBody(call, data, secrets);
}

/** The same for a whole body (`Done.body`), envelope and all: createacct's log in `output.raw` holds the password. */
export function redactBody(call: WhmCall, body: unknown, secrets: readonly string[] = []): unknown {
  return cleaned(body, listed(call), [...secrets, ...secretsIn(call)]);
}

function cleaned(value: unknown, names: ReadonlySet<string>, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (Array.isArray(value)) return value.map((one: unknown) => cleaned(one, names, secrets));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      names.has(name) && hides(one) ? hidden : cleaned(one, names, secrets),
    ]),
  );
}

/** Yes, no and nothing tell nothing: 'password: 1' is a flag. */
function hides(value: unknown): boolean {
  return (
    value !== null && value !== undefined && value !== '' && value !== 0 && value !== 1 && typeof value !== 'boolean'
  );
}
