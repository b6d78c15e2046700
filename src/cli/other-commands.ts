import { Invalid } from '../errors.ts';
import type { FunctionEntry } from '../whm/functions/model.ts';
import { exits } from './exit.ts';
import { secretOf } from './flags.ts';
import { type Context, cliActor, type Said } from './operation-commands.ts';
import { plain, statusText, stopped, table } from './render.ts';

const yes = exits.done;

export async function status({ parts }: Context): Promise<Said> {
  const now = await parts.reads.status();
  return { json: now, text: statusText(now), exit: now.light === 'down' ? exits.unreachable : yes };
}

export async function accounts({ cli, parts }: Context): Promise<Said> {
  const list = await parts.reads.accounts(cliActor(cli.env));
  const rows = list.rows.map((row) => [
    row.user,
    row.domain,
    row.owner,
    row.plan,
    row.diskused,
    row.suspended ? 'suspended' : 'active',
    row.chips.map((chip) => `${chip.master} ${chip.state}`).join(', '),
  ]);
  const text = table(['ACCOUNT', 'DOMAIN', 'OWNER', 'PACKAGE', 'DISK', 'STATE', 'MASTERS'], rows);
  return { json: list, text: `${text}${rows.length} accounts, read from ${list.from} at ${list.readAt}.\n`, exit: yes };
}

/** The third word of a command. Throws Invalid when it is missing. */
export function name(context: Context, what: string): string {
  const value = context.positionals[2];
  if (value === undefined || value === '') throw new Invalid(`${what} is missing.`, [], { hint: 'See: tandem help' });
  return value;
}

export async function personAdd(context: Context): Promise<Said> {
  const { parts, values, secrets } = context;
  const { role } = values;
  const person = name(context, "The person's name");
  if (typeof role !== 'string')
    throw new Invalid('--role is missing.', [
      { path: '--role', message: 'Use owner, admin, support, read-only, auditor or reseller.' },
    ]);
  const password = await secretOf('password', values, secrets);
  if (password === undefined)
    throw new Invalid('The password is missing.', [
      { path: '--password', message: 'Use --password-stdin or --password-file FILE.' },
    ]);
  const { reseller, email } = values;
  const added = await parts.auth.personAdd({
    name: person,
    role,
    password,
    ...(typeof reseller === 'string' ? { reseller } : {}),
    ...(typeof email === 'string' ? { email } : {}),
  });
  return { json: added, text: `${added.name} can sign in as ${added.role}.\n`, exit: yes };
}

export async function personList({ parts }: Context): Promise<Said> {
  const people = await parts.auth.people();
  return {
    json: { people },
    text: table(
      ['NAME', 'ROLE'],
      people.map((person) => [person.name, person.role]),
    ),
    exit: yes,
  };
}

export async function personRemove(context: Context): Promise<Said> {
  const person = name(context, "The person's name");
  await context.parts.auth.personRemove(person);
  return { json: { removed: person }, text: `${plain(person)} can no longer sign in.\n`, exit: yes };
}

/** A flag that may be repeated or hold a comma list. */
function listOf(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items
    .flatMap((item) => String(item).split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

const dayMs = 86_400_000;

function expiry(days: unknown, now: number): { readonly expiresAt?: number } {
  if (days === undefined) return {};
  const count = Number(days);
  if (!(count > 0 && count <= 3650))
    throw new Invalid('--days is wrong.', [{ path: '--days', message: 'Give a number of days up to 3650.' }]);
  return { expiresAt: now + count * dayMs };
}

function scopeOf(value: unknown): { readonly scope?: 'all' | 'reseller' | 'account' } {
  if (value === undefined) return {};
  if (value === 'all' || value === 'reseller' || value === 'account') return { scope: value };
  throw new Invalid('--scope is wrong.', [{ path: '--scope', message: 'Use all, reseller or account.' }]);
}

/** How long a call may wait: seconds, or undefined for as configured. The core says which are good. */
function patience(text: unknown): number | undefined {
  return text === 'default' ? undefined : Number(text) * 1000;
}

function patienceOf(text: unknown): { readonly waitMs?: number } {
  const waitMs = text === undefined ? undefined : patience(text);
  return waitMs === undefined ? {} : { waitMs };
}

/** Prints the token once: afterwards nobody can see it again. */
export async function tokenCreate({ cli, parts, values }: Context): Promise<Said> {
  const { user, label } = values;
  if (typeof user !== 'string')
    throw new Invalid('--user is missing.', [
      { path: '--user', message: 'Use root, or the reseller or account that bounds it.' },
    ]);
  const { token, info } = await parts.auth.tokenCreate({
    owner: user,
    acl: listOf(values['acl']),
    addresses: listOf(values['address']),
    ...(typeof label === 'string' ? { label } : {}),
    ...scopeOf(values['scope']),
    ...expiry(values['days'], cli.now()),
    ...patienceOf(values['patience']),
  });
  return { json: { token, ...info }, text: `${token}\n`, exit: yes };
}

export async function tokenList({ parts }: Context): Promise<Said> {
  const tokens = await parts.auth.tokens();
  const day = (ms: number | undefined): string =>
    ms === undefined ? '' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  const rows = tokens.map((token) => [
    token.id,
    token.owner,
    token.label,
    token.acl.join(' '),
    day(token.expiresAt),
    day(token.lastUsedAt),
    token.waitMs === undefined ? '' : `${token.waitMs / 1000} s`,
  ]);
  const head = ['ID', 'USER', 'LABEL', 'ACL', 'EXPIRES', 'LAST USED', 'WAITS'];
  return { json: { tokens }, text: table(head, rows), exit: yes };
}

/** For programs that hang up sooner, or would rather wait than ask again. */
export async function tokenPatience(context: Context): Promise<Said> {
  const id = name(context, 'The token ID');
  const { patience: seconds } = context.values;
  if (seconds === undefined)
    throw new Invalid('--patience is missing.', [{ path: '--patience', message: 'Use 1 to 600 seconds, or default.' }]);
  const token = await context.parts.auth.tokenUpdate(id, { waitMs: patience(seconds) ?? null });
  const text = token.waitMs === undefined ? 'as long as is configured' : `at most ${token.waitMs / 1000} seconds`;
  return { json: token, text: `Calls with it wait ${text}.\n`, exit: yes };
}

export async function tokenRevoke(context: Context): Promise<Said> {
  const id = name(context, 'The token ID');
  if (!(await context.parts.auth.tokenRevoke(id))) throw new Invalid(`There is no token ${id.slice(0, 64)}.`);
  return { json: { revoked: id }, text: 'The token is revoked.\n', exit: yes };
}

export async function doctor({ parts }: Context): Promise<Said> {
  const checks = await parts.doctor();
  const rows = checks.map((check) => [
    check.state,
    check.check,
    [stopped(check.sentence), check.hint].filter(Boolean).join(' '),
  ]);
  const failed = checks.some((check) => check.state === 'failed');
  return { json: { checks }, text: table(['STATE', 'CHECK', ''], rows), exit: failed ? exits.invalid : yes };
}

/** Exits 3 when the server differs from what Tandem assumes. */
export async function verify({ cli, parts, values, positionals }: Context): Promise<Said> {
  const master = positionals[1];
  if (master === undefined) throw new Invalid('The master is missing.', [], { hint: 'tandem verify m1' });
  const { record } = values;
  const checks = await parts.verify(master, {
    readOnly: values['read-only'] === true,
    ...(typeof record === 'string' ? { record } : {}),
    progress: (check) =>
      cli.stderr.write(plain(`${check.state.padEnd(10)}${check.check}: ${check.sentence}`).concat('\n')),
  });
  const count = (state: string): number => checks.filter((check) => check.state === state).length;
  const text = `${master}: ${count('same')} as assumed, ${count('different')} different, ${count('skipped')} skipped.\n`;
  return { json: { master, checks }, text, exit: count('different') > 0 ? exits.refused : yes };
}

function functionText(entry: FunctionEntry): string {
  const rows = [
    ['treatment', entry.treatment],
    ['why', entry.why ?? 'by its kind in the catalogue'],
    ['required', entry.required.join(' ')],
    ['optional', entry.optional.join(' ')],
    ['keys', entry.keys.join(' ') || 'unknown: takes the whole server'],
    ['again', entry.again],
    ['longest', `${entry.longestSeconds} s`],
    ['since', entry.since],
  ];
  return table([entry.name, entry.api], rows);
}

/** Needs no journal and no master: the table is part of the program. */
export function functionTable(all: readonly FunctionEntry[], wanted: string | undefined, treatment: unknown): Said {
  const found = all.filter((entry) => wanted === undefined || entry.name === wanted);
  const exact =
    found.length > 0 ? found : all.filter((entry) => entry.name.toLowerCase().includes(wanted?.toLowerCase() ?? ''));
  const some = exact.filter((entry) => treatment === undefined || entry.treatment === treatment);
  if (some.length === 0) throw new Invalid(`No function is called ${plain(wanted ?? '')}; such a call is refused.`);
  const text =
    some.length === 1 || (wanted !== undefined && found.length > 0)
      ? some.map(functionText).join('\n')
      : table(
          ['FUNCTION', 'API', 'TREATMENT', 'WHY'],
          some.map((entry) => [entry.name, entry.api, entry.treatment, entry.why ?? '']),
        );
  return { json: { functions: some }, text, exit: yes };
}
