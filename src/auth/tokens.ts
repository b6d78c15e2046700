import { createHash, randomBytes } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { ulid } from 'ulid';
import { Invalid, type Issue } from '../errors.ts';
import type { TokensTable } from '../store/auth-tables.ts';
import type { Actor } from './actor.ts';
import type { AuthDeps } from './journal.ts';

export interface TokenInput {
  /** 'root' for everything; else the reseller or account that bounds it. */
  readonly owner: string;
  /** How `owner` is meant. Default: 'all' for root, 'reseller' for anybody else. */
  readonly scope?: 'all' | 'reseller' | 'account';
  readonly label?: string;
  /** 'all', action ids, groups such as 'mailbox.*', or 'read'. */
  readonly acl: readonly string[];
  readonly expiresAt?: number;
  /** Addresses or networks in CIDR form; none means from anywhere. */
  readonly addresses?: readonly string[];
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
}

const ownerPattern = /^[a-z][a-z0-9_-]{0,63}$/;
const aclPattern = /^(all|read|[a-z][a-z-]*\.(\*|[a-z-]+))$/;
/** Last use is written at most this often, so that a busy token costs no write per call. */
const lastUseMs = 60_000;

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
  await deps.journal.write((db) => db.insertInto('tokens').values(row).execute());
  return { token, info: tokenOf(row) };
}

function issuesOf(input: TokenInput): readonly Issue[] {
  const acl = input.acl.length === 0 ? [{ path: 'acl', message: 'Name at least one right, such as all.' }] : [];
  const wrong = input.acl
    .filter((entry) => !aclPattern.test(entry))
    .map((entry) => ({ path: 'acl', message: `${entry} is no right. Use all, read, mailbox.* or mailbox.add.` }));
  const addresses = (input.addresses ?? [])
    .filter((address) => networkOf(address) === undefined)
    .map((address) => ({ path: 'addresses', message: `${address} is no address, such as 192.0.2.7 or 192.0.2.0/24.` }));
  const owner = ownerPattern.test(input.owner) ? [] : [{ path: 'owner', message: 'Use root or a cPanel name.' }];
  return [...owner, ...acl, ...wrong, ...addresses];
}

/**
 * The actor that a token stands for; undefined when it is unknown, revoked, expired, used from elsewhere, or given
 * with another user's name. Callers answer all of these alike.
 */
export async function tokenCheck(
  deps: AuthDeps,
  token: string,
  from: { readonly address?: string; readonly user?: string } = {},
): Promise<Actor | undefined> {
  const row = await deps.journal.read((db) =>
    db.selectFrom('tokens').selectAll().where('hash', '=', hashOf(token)).executeTakeFirst(),
  );
  if (row === undefined || !isGood(row, from, deps.clock())) return undefined;
  await noteUse(deps, row);
  return {
    kind: 'token',
    name: row.label === '' ? row.owner : `${row.owner}/${row.label}`,
    scope: scopeOf(row),
    acl: listOf(row.acl),
    ...(from.address === undefined ? {} : { address: from.address }),
  };
}

function isGood(row: TokensTable, from: { readonly address?: string; readonly user?: string }, now: number): boolean {
  if (row.revoked_at !== null) return false;
  if (row.expires_at !== null && Number(row.expires_at) <= now) return false;
  if (from.user !== undefined && from.user !== row.owner) return false;
  const allowed = listOf(row.addresses);
  return allowed.length === 0 || (from.address !== undefined && isWithin(from.address, allowed));
}

async function noteUse(deps: AuthDeps, row: TokensTable): Promise<void> {
  const now = deps.clock();
  if (row.last_used_at !== null && now - Number(row.last_used_at) < lastUseMs) return;
  await deps.journal.write((db) =>
    db.updateTable('tokens').set({ last_used_at: now }).where('id', '=', row.id).execute(),
  );
}

function scopeOf(row: TokensTable): Actor['scope'] {
  if (row.scope === 'all') return 'all';
  return row.scope === 'account' ? { account: row.owner } : { reseller: row.owner };
}

/** All tokens that are not revoked, newest first; never the tokens themselves. */
export async function tokens(deps: AuthDeps): Promise<readonly Token[]> {
  const rows = await deps.journal.read((db) =>
    db.selectFrom('tokens').selectAll().where('revoked_at', 'is', null).orderBy('id', 'desc').execute(),
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

function tokenOf(row: TokensTable): Token {
  return {
    id: row.id,
    label: row.label,
    owner: row.owner,
    acl: listOf(row.acl),
    addresses: listOf(row.addresses),
    createdAt: Number(row.created_at),
    ...(row.expires_at === null ? {} : { expiresAt: Number(row.expires_at) }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: Number(row.last_used_at) }),
  };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function listOf(json: string): readonly string[] {
  const parsed: unknown = JSON.parse(json);
  return Array.isArray(parsed) ? parsed.filter((entry) => typeof entry === 'string') : [];
}

function networkOf(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  if (version === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
  const length = bits === undefined ? most : Number(bits);
  return length > most ? undefined : { address, bits: length, family: version === 4 ? 'ipv4' : 'ipv6' };
}

function isWithin(address: string, allowed: readonly string[]): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  const list = new BlockList();
  for (const entry of allowed) {
    const network = networkOf(entry);
    if (network !== undefined) list.addSubnet(network.address, network.bits, network.family);
  }
  return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
}
