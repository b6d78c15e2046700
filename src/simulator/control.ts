/** The control port: what tests and demonstrations use to bend the server and to look inside it. Plain HTTP, JSON. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Calls } from './calls.ts';
import { type Fault, type Faults, faultKinds, type NewFault } from './faults.ts';
import { type ArchiveOrder, archiveOrder } from './modules/archives.ts';
import { type DatabaseOrder, databaseOrder } from './modules/mysql-control.ts';
import type { Referee } from './referee.ts';
import type { Dump, StateCore } from './state.ts';
import { type Usage, usageOrder } from './usage.ts';

const newFault = z.strictObject({
  function: z.string().min(1).default('*'),
  kind: z.enum(faultKinds),
  /** Left out: once. 0 or null: until it is cleared. */
  times: z.number().int().min(0).nullable().default(1),
  ms: z.number().int().min(0).default(0),
  account: z.string().optional(),
  effect: z.boolean().optional(),
  reason: z.string().optional(),
});

const dump = z.record(z.string(), z.record(z.string(), z.unknown()));

export interface ControlParts {
  readonly faults: Faults;
  readonly calls: Calls;
  readonly referee: Referee;
  readonly state: StateCore;
  readonly about: () => Readonly<Record<string, unknown>>;
  /** Takes the ports down, for the fault's `ms` or (0) until it is cleared. */
  readonly down: (fault: Fault) => Promise<void>;
  readonly up: () => Promise<void>;
  readonly replace: (dump: Dump) => void;
  /** The MySQL server behind cPanel's back. */
  readonly databases: {
    readonly view: () => unknown;
    readonly obey: (order: DatabaseOrder) => void;
  };
  readonly setUsage: (usage: Usage) => void;
  readonly setArchives: (order: ArchiveOrder) => void;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

interface Told {
  readonly status: number;
  readonly value: unknown;
}

const LIMIT = 10_000;

function said(value: unknown, status = 200): Told {
  return { status, value };
}

/** Adds a fault: a checked one of /_sim/faults. */
async function addFault(parts: ControlParts, text: string): Promise<Told> {
  const parsed = newFault.safeParse(JSON.parse(text === '' ? '{}' : text));
  if (!parsed.success) return said({ error: z.prettifyError(parsed.error) }, 400);
  const { account, effect, reason, times, ...rest } = parsed.data;
  const fault: NewFault = {
    ...rest,
    times: times === 0 ? null : times,
    ...(account === undefined ? {} : { account }),
    ...(effect === undefined ? {} : { effect }),
    ...(reason === undefined ? {} : { reason }),
  };
  const added: Fault = parts.faults.add(fault);
  if (added.kind === 'down') await parts.down(added);
  return said(added, 201);
}

async function faults(parts: ControlParts, asked: Asked): Promise<Told> {
  if (asked.method === 'POST') return await addFault(parts, asked.body);
  if (asked.method === 'DELETE') {
    const id = asked.query.get('id');
    parts.faults.clear(id === null ? undefined : Number(id));
    if (!parts.faults.list().some((f) => f.kind === 'down')) await parts.up();
  }
  return said({ faults: parts.faults.list() });
}

function calls(parts: ControlParts, asked: Asked): Told {
  const after = Number(asked.query.get('after') ?? 0);
  const limit = Number(asked.query.get('limit') ?? LIMIT);
  return said({ last: parts.calls.last, calls: parts.calls.after(after, limit) });
}

function effects(parts: ControlParts, asked: Asked): Told {
  const after = Number(asked.query.get('after') ?? 0);
  const limit = Number(asked.query.get('limit') ?? LIMIT);
  return said({ effects: parts.referee.effects(after, limit) });
}

function state(parts: ControlParts, asked: Asked): Told {
  if (asked.method === 'PUT') {
    const parsed = dump.safeParse(JSON.parse(asked.body));
    if (!parsed.success) return said({ error: z.prettifyError(parsed.error) }, 400);
    parts.replace(parsed.data);
  }
  return said(parts.state.dump());
}

function unknown(parts: ControlParts, asked: Asked): Told {
  if (asked.method === 'DELETE') parts.referee.clearUnknowns();
  return said(parts.referee.unknowns());
}

/** POST one order, or a list of them that are all checked before the first is carried out. */
function databases(parts: ControlParts, asked: Asked): Told {
  if (asked.method === 'POST') {
    const body: unknown = JSON.parse(asked.body);
    const parsed = z.array(databaseOrder).safeParse(Array.isArray(body) ? body : [body]);
    if (!parsed.success) return said({ error: z.prettifyError(parsed.error) }, 400);
    for (const order of parsed.data) parts.databases.obey(order);
  }
  return said(parts.databases.view());
}

/** POST what an account uses of disk and bandwidth. */
function usage(parts: ControlParts, asked: Asked): Told {
  if (asked.method !== 'POST') return said({ error: 'POST {user, diskMb, bandwidthBytes}' }, 405);
  const parsed = usageOrder.safeParse(JSON.parse(asked.body));
  if (!parsed.success) return said({ error: z.prettifyError(parsed.error) }, 400);
  parts.setUsage(parsed.data);
  return said(parsed.data);
}

/** POST how long archives take, and what goes wrong with them. */
function archives(parts: ControlParts, asked: Asked): Told {
  if (asked.method !== 'POST') return said({ error: 'POST {packMs, restoreMs, trouble}' }, 405);
  const parsed = archiveOrder.safeParse(JSON.parse(asked.body));
  if (!parsed.success) return said({ error: z.prettifyError(parsed.error) }, 400);
  parts.setArchives(parsed.data);
  return said(parsed.data);
}

const ROUTES: Readonly<Record<string, (parts: ControlParts, asked: Asked) => Told | Promise<Told>>> = {
  '/_sim': (parts) => said(parts.about()),
  '/_sim/faults': faults,
  '/_sim/calls': calls,
  '/_sim/effects': effects,
  '/_sim/state': state,
  '/_sim/unknown': unknown,
  '/_sim/declared': (parts) => said({ functions: parts.referee.declared() }),
  '/_sim/databases': databases,
  '/_sim/usage': usage,
  '/_sim/archives': archives,
};

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  // Without an encoding set, a request gives Buffers.
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://control');
  const body = Buffer.concat(chunks).toString('utf8');
  return { method: request.method ?? 'GET', path: url.pathname.replace(/\/$/u, ''), query: url.searchParams, body };
}

function tell(response: ServerResponse, told: Told): void {
  response.writeHead(told.status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(told.value)}\n`);
}

async function answer(parts: ControlParts, asked: Asked): Promise<Told> {
  const route = ROUTES[asked.path];
  if (route === undefined) return said({ error: `no such page; there are ${Object.keys(ROUTES).join(', ')}` }, 404);
  try {
    return await route(parts, asked);
  } catch (error) {
    if (error instanceof SyntaxError) return said({ error: `the body is not JSON: ${error.message}` }, 400);
    throw error;
  }
}

/** The control port's request listener. */
export function controlHandler(parts: ControlParts, onError: (error: unknown) => void): RequestListener {
  return (request, response) => {
    read(request)
      .then(async (asked) => tell(response, await answer(parts, asked)))
      .catch((error: unknown) => {
        onError(error);
        tell(response, said({ error: 'the simulator failed; see its log' }, 500));
      });
  };
}
