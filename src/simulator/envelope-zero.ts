/** WHM API 0: every family of functions has its own shape. Success and failure alike come with HTTP 200. */
import type { Result } from './handler.ts';

type Shape = (result: Result, fn: string) => unknown;

function sentence(result: Result): string {
  return result.ok ? (result.reason ?? 'OK') : result.reason;
}

/** A member of an answer's data; null when there is none. */
function member(result: Result, name: string): unknown {
  const data = result.ok ? result.data : undefined;
  // Only read: whatever it is, a missing member is undefined.
  return typeof data === 'object' && data !== null ? ((data as Readonly<Record<string, unknown>>)[name] ?? null) : null;
}

function status(result: Result): Readonly<Record<string, unknown>> {
  return { status: result.ok ? 1 : 0, statusmsg: sentence(result) };
}

/** `{"result":[{status, statusmsg, rawout}]}`, what most functions that change something answer. */
const changed: Shape = (r) => ({ result: [{ ...status(r), rawout: r.raw ?? null }] });

function listed(name: string, from: string, whole: boolean): Shape {
  return (r) =>
    r.ok
      ? { ...(whole ? { status: 1, statusmsg: 'Ok' } : {}), [name]: member(r, from) }
      : { ...status(r), [name]: null };
}

const plain: Shape = (r) => (r.ok ? (r.data ?? status(r)) : status(r));

const dumpzone: Shape = (r) => {
  const zones = member(r, 'zone');
  const record: unknown = Array.isArray(zones)
    ? (zones[0] as { readonly record?: unknown } | undefined)?.record
    : undefined;
  return { result: [r.ok ? { ...status(r), record } : status(r)] };
};

/** API 0 has each service in a hash of its own. */
function servicesOf(r: Result): unknown {
  const list = member(r, 'app');
  return Array.isArray(list) ? list.map((app: unknown) => ({ app })) : null;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  createacct: (r) => ({ result: [{ ...status(r), rawout: r.raw ?? null, options: r.ok ? (r.data ?? null) : null }] }),
  accountsummary: listed('acct', 'acct', true),
  listaccts: listed('acct', 'acct', true),
  listsuspended: (r) => (r.ok ? { status: 1, statusmsg: 'Ok', accts: member(r, 'account') } : status(r)),
  passwd: (r) => ({ passwd: [{ ...status(r), services: servicesOf(r), rawout: r.raw ?? null }] }),
  modifyacct: (r) => ({
    result: [{ ...status(r), newcfg: r.ok ? (r.data ?? null) : null, messages: null, warnings: null }],
  }),
  addpkg: (r) => ({ result: [{ ...status(r), pkg: member(r, 'pkg') }] }),
  editpkg: (r) => ({ result: [{ ...status(r), pkg: member(r, 'pkg') }] }),
  listpkgs: listed('package', 'pkg', false),
  listzones: listed('zone', 'zone', false),
  applist: listed('app', 'app', false),
  listresellers: listed('reseller', 'reseller', false),
  listacls: listed('acls', 'acl', false),
  listips: listed('result', 'ip', false),
  myprivs: (r) => {
    const list = member(r, 'privileges');
    return { privs: Array.isArray(list) ? (list[0] as unknown) : {} };
  },
  dumpzone,
  version: plain,
  gethostname: plain,
  systemloadavg: plain,
  loadavg: plain,
  getdomainowner: plain,
};

const CHANGING =
  /^(add|change|create|del|edit|kill|limit|modify|park|remove|reset|save|set|setup|suspend|terminate|unpark|unsetup|unsuspend)/u;

/** The whole body of an API 0 answer. */
export function zeroAnswer(fn: string, result: Result, own?: (result: Result) => unknown): unknown {
  if (own !== undefined) return own(result);
  const shape = SHAPES[fn] ?? (CHANGING.test(fn) ? changed : plain);
  return shape(result, fn);
}

/** What API 0 says to a function that it does not know. */
export function zeroUnknown(fn: string): unknown {
  return { error: `Unknown App Requested: ${fn}` };
}
