import { z } from 'zod';
import type { Args, WhmCall } from '../../whm/call.ts';
import { accepts, functions } from '../../whm/functions/index.ts';
import type { FunctionEntry } from '../../whm/functions/model.ts';
import { apply, define, exclusive, type Key, type Place, type Subject, shared } from '../define.ts';
import * as f from '../fields.ts';

const argument = z.tuple([f.line(100), f.text(200_000)]);

const fields = {
  function: f.line(100).meta({ label: 'Function', placeholder: 'setsiteip' }),
  api: z.enum(['whm', 'uapi']).default('whm').meta({ label: 'API' }),
  user: f.account().optional().meta({ label: 'cPanel account', help: 'For UAPI functions.' }),
  args: z
    .array(argument)
    .max(2000)
    .default([])
    .meta({ label: 'Arguments', input: 'list', help: 'Name and value, in order.' }),
  master: f.line(40).optional().meta({
    label: 'On one master only',
    help: 'The id of the master, for functions that concern a single one. Left empty: on all.',
  }),
} as const;

interface Call {
  readonly function: string;
  readonly api: 'whm' | 'uapi';
  readonly user?: string | undefined;
  readonly args: Args;
  readonly master?: string | undefined;
}

function entryOf(p: Call): FunctionEntry | undefined {
  return functions.get(p.api, p.function);
}

/** What is for all masters goes to all; what is for one, or follows by replication, to the one that is named. */
function isOffered(p: Call, entry: FunctionEntry): boolean {
  if (p.master === undefined) return entry.treatment === 'fan-out';
  return entry.treatment === 'named' || entry.treatment === 'active';
}

/** Serials and line numbers are one master's, so what needs them can never be repeated on another. */
const positional = ['line', 'serial', 'serialnum', 'lines'];

/** Called as they are, these would make different things on each master, or take away what replication carries. */
const byHand: Readonly<Record<string, string>> = { createacct: 'account.create', removeacct: 'account.terminate' };

function objection(p: Call): { readonly path: readonly (string | number)[]; readonly message: string } | undefined {
  const entry = entryOf(p);
  if (entry === undefined) return { path: ['function'], message: `${p.function} is not a known function` };
  if (!isOffered(p, entry)) {
    const why = entry.why === undefined ? '' : `: ${entry.why}`;
    return { path: ['function'], message: `${p.function} is not for all masters, but “${entry.treatment}”${why}` };
  }
  const own = byHand[p.function];
  if (own !== undefined) return { path: ['function'], message: `${p.function} is done by the action ${own}` };
  if (entry.required.some((name) => positional.includes(name))) {
    return { path: ['function'], message: `${p.function} names a line or serial, which are different on every master` };
  }
  if ((p.api === 'uapi') !== (p.user !== undefined))
    return { path: ['user'], message: 'is needed for UAPI, and only there' };
  return wrongArguments(p, entry);
}

function wrongArguments(p: Call, entry: FunctionEntry) {
  const given = new Set(p.args.map(([name]) => name.replace(/-\d+$/, '')));
  const missing = entry.required.find((name) => !isGiven(given, name) && !isOtherwiseGiven(p, name));
  if (missing !== undefined) return { path: ['args'], message: `${p.function} needs ${missing}` };
  const at = p.args.findIndex(([name]) => !accepts(entry, name) || positional.includes(name));
  if (at < 0) return undefined;
  return { path: ['args', at, 0], message: `${p.function} has no argument ${p.args[at]?.[0] ?? ''}` };
}

/** 'action*' stands for action1, action2 and so on: one of them is enough. */
function isGiven(given: ReadonlySet<string>, required: string): boolean {
  if (!required.endsWith('*')) return given.has(required);
  return [...given].some((name) => name.startsWith(required.slice(0, -1)));
}

/** cPanel takes some arguments under two names, and an empty list of them is the catalogue's older entries. */
function isOtherwiseGiven(p: Call, required: string): boolean {
  const twins: Readonly<Record<string, string>> = {
    username: 'user',
    user: 'username',
    password: 'pass',
    pass: 'password',
  };
  const twin = twins[required];
  return twin !== undefined && p.args.some(([name]) => name === twin);
}

const params = z.strictObject(fields).check((context) => {
  const found = objection(context.value);
  if (found !== undefined)
    context.issues.push({ code: 'custom', path: [...found.path], message: found.message, input: context.value });
});

function valuesOf(p: Call, name: string): readonly string[] {
  if (name === 'cpanel.user') return p.user === undefined ? [] : [p.user];
  return p.args.flatMap(([given, value]) => (given === name || given.replace(/-\d+$/, '') === name ? [value] : []));
}

/** '~package:{pkg}' with pkg=gold is shared('package:gold'); a parameter that was not given names nothing. */
function filled(p: Call, template: string): readonly Key[] {
  const make = template.startsWith('~') ? shared : exclusive;
  const bare = template.replace(/^~/, '');
  const slot = /\{([^}]+)\}/.exec(bare);
  if (slot === null) return [make(bare)];
  return valuesOf(p, slot[1] ?? '')
    .filter((value) => value !== '')
    .map((value) => make(bare.replace(slot[0], value.trim().toLowerCase().replace(/\.$/, ''))));
}

function keysOf(p: Call): readonly Key[] {
  const found = new Map<string, Key>();
  for (const key of (entryOf(p)?.keys ?? []).flatMap((template) => filled(p, template))) {
    if (key.exclusive || !found.has(key.name)) found.set(key.name, key);
  }
  return found.size === 0 ? [exclusive('server')] : [...found.values()];
}

function subjectOf(p: Call): Subject {
  if (p.user !== undefined) return { kind: 'account', account: p.user };
  const name = entryOf(p)?.account;
  const account = name === undefined ? undefined : valuesOf(p, name)[0];
  return account === undefined || account === ''
    ? { kind: 'server' }
    : { kind: 'account', account: account.toLowerCase() };
}

/** Each master gets its own addresses; everything else goes as it was given, in order and with repeats. */
function localised(p: Call, place: Place): WhmCall {
  const addresses = entryOf(p)?.addresses ?? [];
  const args = p.args.map(([name, value]): readonly [string, string] => {
    const own = addresses.includes(name) || addresses.includes(name.replace(/-\d+$/, ''));
    return [name, own ? place.masters.translate(value, place.master.id) : value];
  });
  const call = { api: p.api, fn: p.function, args } as const;
  return p.user === undefined ? call : { ...call, user: p.user };
}

/** Any function of the table that is to be done alike on every master. What happened cannot be read back. */
export const callWhm = define({
  id: 'whm.call',
  title: 'Call a WHM function',
  audience: ['staff'],
  params,
  blind: ['args'],
  again: 'never',
  againFor: (p) => (entryOf(p)?.again === 'safe' ? 'safe' : 'never'),
  subject: subjectOf,
  keys: keysOf,
  masters: (p) => (p.master === undefined ? undefined : [p.master]),
  observe: () => [],
  read: () => undefined,
  plan: (p, _seen, place) => apply(localised(p, place)),
  secrets: (p) => (entryOf(p)?.secrets ?? []).flatMap((name) => valuesOf(p, name)).filter((value) => value !== ''),
});
