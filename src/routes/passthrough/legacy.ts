import type { CallAnswer } from './answer.ts';

type Row = Readonly<Record<string, unknown>>;

function record(value: unknown): Row {
  // A plain object is all that this says; every field is read as unknown.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : {};
}

function at(value: unknown, name: string): unknown {
  return record(value)[name];
}

function rawOf(answer: CallAnswer): unknown {
  return at(at(at(answer.body, 'metadata'), 'output'), 'raw') ?? (answer.ok ? '' : null);
}

/** `{"result":[{"status":1,"statusmsg":…}]}`, how most functions that change something answer. */
function result(answer: CallAnswer, more: Row = {}): Row {
  return { result: [{ status: answer.ok ? 1 : 0, statusmsg: answer.reason, rawout: rawOf(answer), ...more }] };
}

function whole(answer: CallAnswer): Row {
  return { status: answer.ok ? 1 : 0, statusmsg: answer.ok ? 'Ok' : answer.reason };
}

type Shape = (answer: CallAnswer) => unknown;

function data(answer: CallAnswer): unknown {
  return answer.ok ? answer.data : null;
}

/** The list under `from` in version 1's data, given as `to`. */
function list(from: string, to: string): Shape {
  return (answer) => (answer.ok ? { [to]: at(answer.data, from) ?? [] } : whole(answer));
}

function flat(answer: CallAnswer): unknown {
  return answer.ok ? record(answer.data) : whole(answer);
}

function accounts(answer: CallAnswer): unknown {
  return { ...whole(answer), acct: at(data(answer), 'acct') ?? null };
}

function created(answer: CallAnswer): unknown {
  return result(answer, { options: data(answer) ?? null });
}

function password(answer: CallAnswer): unknown {
  const apps = at(data(answer), 'app');
  const services = Array.isArray(apps) ? apps.map((app: unknown) => ({ app })) : null;
  return { passwd: [{ status: answer.ok ? 1 : 0, statusmsg: answer.reason, services, rawout: rawOf(answer) }] };
}

function pkg(answer: CallAnswer): unknown {
  return result(answer, { pkg: at(data(answer), 'pkg') ?? null });
}

function zone(answer: CallAnswer): unknown {
  const zones = at(data(answer), 'zone');
  const record = at(Array.isArray(zones) ? zones[0] : undefined, 'record') ?? [];
  return { result: [{ status: answer.ok ? 1 : 0, statusmsg: answer.ok ? 'Zone Serialized' : answer.reason, record }] };
}

function modified(answer: CallAnswer): unknown {
  return {
    result: [
      {
        newcfg: data(answer) ?? null,
        status: answer.ok ? 1 : 0,
        statusmsg: answer.reason,
        warnings: null,
        messages: null,
      },
    ],
  };
}

/**
 * WHM API 0, as recorded by clients that still live on it (FOSSBilling, xmlapi-php, lumberg's fixtures). What is not
 * listed answers as most functions do: reads flat, changes as `result[0]`.
 */
const shapes: Readonly<Record<string, Shape>> = {
  accountsummary: accounts,
  listaccts: accounts,
  createacct: created,
  passwd: password,
  addpkg: pkg,
  editpkg: pkg,
  modifyacct: modified,
  dumpzone: zone,
  listpkgs: list('pkg', 'package'),
  listzones: list('zone', 'zone'),
  applist: list('app', 'app'),
  listresellers: list('reseller', 'reseller'),
  listacls: list('acl', 'acls'),
  listips: list('ip', 'result'),
  listsuspended: (answer) => ({
    ...whole(answer),
    accts: at(data(answer), 'account') ?? at(data(answer), 'accts') ?? [],
  }),
  myprivs: (answer) => (answer.ok ? { privs: firstOf(at(answer.data, 'privileges')) } : whole(answer)),
  version: flat,
  gethostname: flat,
  loadavg: flat,
  systemloadavg: flat,
  create_user_session: flat,
  domainuserdata: (answer) => ({ ...result(answer), userdata: at(data(answer), 'userdata') ?? {} }),
};

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? (value[0] ?? {}) : {};
}

/** A body in WHM API 0's shape. An unknown function answers with one key only (recorded on 11.28). */
export function legacy(fn: string, answer: CallAnswer): unknown {
  if (!answer.ok && answer.unknown === true) return { error: `Unknown App Requested: ${fn}` };
  const shape = Object.hasOwn(shapes, fn) ? shapes[fn] : undefined;
  if (shape !== undefined) return shape(answer);
  const reads =
    answer.ok &&
    Object.keys(record(answer.data)).length > 0 &&
    /^(?:get|list|fetch|show|read|has|is|verify|check)/.test(fn);
  return reads ? flat(answer) : result(answer);
}
