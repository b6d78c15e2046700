import { hash as digest, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { ulid } from 'ulid';
import { Invalid, type Issue, NotFound } from '../errors.ts';
import type { AuthTables, TokensTable } from '../store/auth-tables.ts';
import { type Unchanged, unchanged } from '../store/unchanged.ts';
import type { Actor } from './actor.ts';
import type { AuthDeps } from './journal.ts';
import { isWithin, subnetOf } from './subnets.ts';
import { isWhmAcl } from './whm-acls.ts';

export interface TokenInput {
  /** 'root' for everything; else the reseller or account that bounds it. */
  readonly owner: string;
  /** How `owner` is meant. Default: 'all' for root, 'reseller' for anybody else. */
  readonly scope?: 'all' | 'reseller' | 'account';
  readonly label?: string;
  /** 'all', action ids, groups such as 'mailbox.*', 'read', or WHM's own names such as 'create-acct'. */
  readonly acl: readonly string[];
  readonly expiresAt?: number;
  /** Addresses or networks in CIDR form; none means from anywhere. */
  readonly addresses?: readonly string[];
  /** How long the passthrough keeps its caller waiting, ms; default: as configured. */
  readonly waitMs?: number;
}

export interface Token {
  readonly id: string;
  readonly label: string;
  readonly owner: string;
  readonly acl: readonly string[];
  readonly addresses: readonly string[];
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly lastUsedAt?: number;
  readonly waitMs?: number;
}

/** What of a token can be changed afterwards; what is left out stays. */
export interface TokenChange {
  readonly label?: string;
  readonly acl?: readonly string[];
  readonly addresses?: readonly string[];
  /** null: never expires. */
  readonly expiresAt?: number | null;
  /** null: as configured. */
  readonly waitMs?: number | null;
}

const ownerPattern = /^[a-z][a-z0-9_-]{0,63}$/;
const aclPattern = /^(all|read|[a-z][a-z-]*\.(\*|[a-z-]+))$/;
/** Last use is written at most this often, so that a busy token costs no write per call. */
const lastUseMs = 60_000;
const longestWaitMs = 600_000;

/** Makes a token. It is in the answer and nowhere else: the journal keeps a hash. Throws Invalid. */
export async function tokenCreate(
  deps: AuthDeps,
  input: TokenInput,
): Promise<{ readonly token: string; readonly info: Token }> {
  const issues = issuesOf(input);
  if (issues.length > 0) throw new Invalid('The token cannot be made.', issues);
  // Hex in capitals: as WHM's own tokens it survives every client's trimming and escaping.
  const token = randomBytes(32).toString('hex').toUpperCase();
  const row: TokensTable = {
    id: ulid(deps.clock()),
    label: input.label ?? '',
    owner: input.owner,
    scope: input.scope ?? (input.owner === 'root' ? 'all' : 'reseller'),
    hash: hashOf(token),
    acl: JSON.stringify(input.acl),
    addresses: JSON.stringify(input.addresses ?? []),
    created_at: deps.clock(),
    expires_at: input.expiresAt ?? null,
    last_used_at: null,
    revoked_at: null,
  };
  const { waitMs = null } = input;
  await deps.journal.write(async (db) => {
    await db.insertInto('tokens').values(row).execute();
    if (waitMs !== null) await setWait(db, row.id, waitMs);
  });
  return { token, info: tokenOf({ ...row, wait_ms: waitMs }) };
}

function issuesOf(input: TokenInput): readonly Issue[] {
  const acl = input.acl.length === 0 ? [{ path: 'acl', message: 'Name at least one right, such as all.' }] : [];
  const wrong = input.acl
    .filter((entry) => !aclPattern.test(entry) && !isWhmAcl(entry))
    .map((entry) => ({ path: 'acl', message: `${entry} is no right. Use all, read, mailbox.* or create-acct.` }));
  const addresses = (input.addresses ?? [])
    .filter((address) => subnetOf(address) === undefined)
    .map((address) => ({ path: 'addresses', message: `${address} is no address, such as 192.0.2.7 or 192.0.2.0/24.` }));
  const owner = ownerPattern.test(input.owner) ? [] : [{ path: 'owner', message: 'Use root or a cPanel name.' }];
  return [...owner, ...acl, ...wrong, ...addresses, ...waitIssues(input.waitMs)];
}

function waitIssues(waitMs: number | null | undefined): readonly Issue[] {
  if (waitMs === undefined || waitMs === null) return [];
  const isGood = Number.isInteger(waitMs) && waitMs >= 1000 && waitMs <= longestWaitMs;
  return isGood ? [] : [{ path: 'waitMs', message: 'Use 1 to 600 seconds.' }];
}

async function setWait(db: Kysely<AuthTables>, id: string, waitMs: number | null): Promise<void> {
  await db.deleteFrom('token_waits').where('token_id', '=', id).execute();
  if (waitMs !== null) await db.insertInto('token_waits').values({ token_id: id, wait_ms: waitMs }).execute();
}

/** Changes a token that is not revoked. Throws Invalid, or NotFound. */
export async function tokenUpdate(deps: AuthDeps, id: string, change: TokenChange): Promise<Token> {
  const { waitMs, expiresAt } = change;
  const issues = issuesOf({
    owner: 'root',
    acl: change.acl ?? ['all'],
    ...(change.addresses === undefined ? {} : { addresses: change.addresses }),
    ...(waitMs === undefined || waitMs === null ? {} : { waitMs }),
  });
  if (issues.length > 0) throw new Invalid('The token cannot be changed.', issues);
  const row = {
    ...(change.label === undefined ? {} : { label: change.label }),
    ...(change.acl === undefined ? {} : { acl: JSON.stringify(change.acl) }),
    ...(change.addresses === undefined ? {} : { addresses: JSON.stringify(change.addresses) }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  };
  await deps.journal.write(async (db) => {
    if (Object.keys(row).length > 0) {
      await db.updateTable('tokens').set(row).where('id', '=', id).where('revoked_at', 'is', null).execute();
    }
    if (waitMs !== undefined) await setWait(db, id, waitMs);
  });
  const found = (await tokens(deps)).find((token) => token.id === id);
  if (found === undefined) throw new NotFound('There is no such token.');
  return found;
}

/** The actor of a token by its id, for a session that was opened with it: still good, and from where it may be used. */
export async function tokenActor(deps: AuthDeps, id: string, address: string): Promise<Actor | undefined> {
  const row = await deps.journal.read((db) => withWait(db).where('tokens.id', '=', id).executeTakeFirst());
  const known = knownOf(row);
  return known === undefined ? undefined : used(deps, known, { address });
}

function withWait(db: Kysely<AuthTables>) {
  return db
    .selectFrom('tokens')
    .leftJoin('token_waits', 'token_waits.token_id', 'tokens.id')
    .selectAll('tokens')
    .select('token_waits.wait_ms');
}

type Row = TokensTable & { wait_ms: number | null };

/** A token as it is looked at for each call: its lists read, whom it stands for put together. */
interface Known {
  readonly row: Row;
  readonly addresses: readonly string[];
  readonly actor: Actor;
  /** The actor at the address that last used it: a program calls from one. */
  at: Actor | undefined;
  /** Grows with each note of a use, so that one who is looked at from here is noted once a minute. */
  usedAt: number;
}

function knownOf(row: Row | undefined): Known | undefined {
  if (row === undefined) return undefined;
  const name = row.label === '' ? row.owner : `${row.owner}/${row.label}`;
  const usedAt = row.last_used_at === null ? Number.NEGATIVE_INFINITY : Number(row.last_used_at);
  const actor: Actor = {
    kind: 'token',
    name,
    scope: scopeOf(row),
    acl: listOf(row.acl),
    tokenId: row.id,
    ...(row.wait_ms === null ? {} : { waitMs: Number(row.wait_ms) }),
  };
  return { row, addresses: listOf(row.addresses), actor, at: undefined, usedAt };
}

/** By the hash of the token that was shown. A revocation or change by this process is met by the next look. */
export type TokenRows = Unchanged<Known | undefined>;

export function tokenRows(deps: Pick<AuthDeps, 'journal' | 'clock'>): TokenRows {
  return unchanged(deps.journal, { mostMs: ROWS_MS, blindMs: BLIND_MS, now: deps.clock });
}

const ROWS_MS = 60_000;
/** Where the journal cannot tell of a change, one that another process made counts after this long. */
const BLIND_MS = 500;

/**
 * The actor that a token stands for; undefined when it is unknown, revoked, expired, used from elsewhere, or given
 * with another user's name. Callers answer all of these alike.
 */
export async function tokenCheck(
  deps: AuthDeps,
  token: string,
  from: From = {},
  rows: TokenRows = tokenRows(deps),
): Promise<Actor | undefined> {
  const hash = hashOf(token);
  const known = await rows.get(hash, async () =>
    knownOf(await deps.journal.read((db) => withWait(db).where('hash', '=', hash).executeTakeFirst())),
  );
  return known === undefined ? undefined : used(deps, known, from);
}

interface From {
  readonly address?: string;
  readonly user?: string;
}

/** Mostly no promise: a use is noted once a minute. */
function used(deps: AuthDeps, known: Known, from: From): Actor | undefined | Promise<Actor> {
  const now = deps.clock();
  if (!isGood(known, from, now)) return undefined;
  if (now - known.usedAt < lastUseMs) return actorAt(known, from);
  known.usedAt = now;
  return noteUse(deps, known.row.id, now).then(() => actorAt(known, from));
}

function actorAt(known: Known, { address }: From): Actor {
  if (address === undefined) return known.actor;
  if (known.at?.address !== address) known.at = { ...known.actor, address };
  return known.at;
}

function isGood({ row, addresses }: Known, from: From, now: number): boolean {
  if (row.revoked_at !== null) return false;
  if (row.expires_at !== null && Number(row.expires_at) <= now) return false;
  if (from.user !== undefined && from.user !== row.owner) return false;
  return addresses.length === 0 || (from.address !== undefined && isWithin(from.address, addresses));
}

async function noteUse(deps: AuthDeps, id: string, now: number): Promise<void> {
  await deps.journal.write((db) => db.updateTable('tokens').set({ last_used_at: now }).where('id', '=', id).execute());
}

function scopeOf(row: TokensTable): Actor['scope'] {
  if (row.scope === 'all') return 'all';
  return row.scope === 'account' ? { account: row.owner } : { reseller: row.owner };
}

/** All tokens that are not revoked, newest first; never the tokens themselves. */
export async function tokens(deps: AuthDeps): Promise<readonly Token[]> {
  const rows = await deps.journal.read((db) =>
    withWait(db).where('revoked_at', 'is', null).orderBy('tokens.id', 'desc').execute(),
  );
  return rows.map(tokenOf);
}

/** Ends a token at once. Answers whether there was one. */
export async function tokenRevoke(deps: AuthDeps, id: string): Promise<boolean> {
  const result = await deps.journal.write((db) =>
    db
      .updateTable('tokens')
      .set({ revoked_at: deps.clock() })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst(),
  );
  return result.numUpdatedRows > 0n;
}

function tokenOf(row: Row): Token {
  return {
    id: row.id,
    label: row.label,
    owner: row.owner,
    acl: listOf(row.acl),
    addresses: listOf(row.addresses),
    createdAt: Number(row.created_at),
    ...(row.expires_at === null ? {} : { expiresAt: Number(row.expires_at) }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: Number(row.last_used_at) }),
    ...(row.wait_ms === null ? {} : { waitMs: Number(row.wait_ms) }),
  };
}

function hashOf(token: string): string {
  return digest('sha256', token, 'hex');
}

function listOf(json: string): readonly string[] {
  const parsed: unknown = JSON.parse(json);
  return Array.isArray(parsed) ? parsed.filter((entry) => typeof entry === 'string') : [];
}
