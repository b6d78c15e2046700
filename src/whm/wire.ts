import type { WhmCall } from './call.ts';

/** A call as it goes over the wire. Always POST: a GET would put passwords into the master's access log. */
export interface WireRequest {
  readonly path: string;
  readonly body: string;
  /** The body's content type, where it is not application/x-www-form-urlencoded. */
  readonly type?: 'application/json';
}

const loneSurrogates = /[\ud800-\udfff]/gu;

function escaped(text: string): string {
  if (/^[\w.-]*$/.test(text)) return text;
  return encodeURIComponent(text.replace(loneSurrogates, '\ufffd'));
}

/** Names that say which function runs, and for whom: an argument of that name could make another call of it. */
const reserved: Readonly<Record<WhmCall['api'], RegExp>> = {
  whm: /^api\.version$/,
  uapi: /^(?:api\.version|cpanel\.(?:user|module|function))$/i,
  api2: /^(?:api\.version|cpanel_(?:json|xml)api_\w+)$/i,
};

/** JSON text cannot hold half a surrogate pair either; the version is Tandem's own, whatever the caller put there. */
function jsonOf(json: Readonly<Record<string, unknown>>): string {
  const named = Object.entries(json).filter(([name]) => !reserved.whm.test(name));
  return JSON.stringify(Object.fromEntries([['api.version', 1], ...named]), (_name, value: unknown) =>
    typeof value === 'string' ? value.replace(loneSurrogates, '\ufffd') : value,
  );
}

function formOf(start: string, call: WhmCall): string {
  let form = start;
  for (const [name, value] of call.args) {
    if (!reserved[call.api].test(name)) form += `&${escaped(name)}=${escaped(value)}`;
  }
  return form;
}

/** 'Email::add_pop' → Email, add_pop. A name without a module has an empty module, which cPanel refuses. */
export function moduleAndFunction(fn: string): { readonly module: string; readonly func: string } {
  const at = fn.indexOf('::');
  return at < 0 ? { module: '', func: fn } : { module: fn.slice(0, at), func: fn.slice(at + 2) };
}

/**
 * Encodes a call. Arguments keep their order and repeats; those that would change the call itself are left out. UAPI
 * travels inside `uapi_cpanel`, API 2 inside `cpanel`, which answers outside WHM API 1's envelope and so takes no
 * api.version. A WHM name may hold a slash ('360Monitoring/…'). A JSON body is only for WHM functions.
 */
export function encode(call: WhmCall): WireRequest {
  if (call.api === 'whm') {
    const path = call.fn.includes('/') ? call.fn.split('/').map(escaped).join('/') : escaped(call.fn);
    if (call.json !== undefined)
      return { path: `/json-api/${path}`, body: jsonOf(call.json), type: 'application/json' };
    return { path: `/json-api/${path}`, body: formOf('api.version=1', call) };
  }
  const { module, func } = moduleAndFunction(call.fn);
  const user = escaped(call.user ?? '');
  if (call.api === 'uapi') {
    const start = `api.version=1&cpanel.user=${user}&cpanel.module=${escaped(module)}&cpanel.function=${escaped(func)}`;
    return { path: '/json-api/uapi_cpanel', body: formOf(start, call) };
  }
  const start = `cpanel_jsonapi_user=${user}&cpanel_jsonapi_apiversion=2&cpanel_jsonapi_module=${escaped(module)}&cpanel_jsonapi_func=${escaped(func)}`;
  return { path: '/json-api/cpanel', body: formOf(start, call) };
}
