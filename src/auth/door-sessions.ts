import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { AuthDeps } from './journal.ts';
import { actorOf, type Person } from './people.ts';
import { noteOf, type SessionFrom } from './session-list.ts';

/** Whose session it is: looked up again at every use, so that a revoked token or a removed person ends it at once. */
export type Holder =
  | { readonly kind: 'person'; readonly name: string }
  | { readonly kind: 'token'; readonly id: string }
  | { readonly kind: 'account'; readonly account: string }
  /** A mailbox user of that account. */
  | { readonly kind: 'mailbox'; readonly account: string; readonly mailbox: string };

/** A session as its client gets it. */
export interface Opened {
  /** The value of the cookie. */
  readonly cookie: string;
  /** '/cpsess' and ten digits; stands before every path. */
  readonly securityToken: string;
}

export interface Link {
  /** The secret of the link: good once. */
  readonly secret: string;
  readonly session: string;
  readonly securityToken: string;
  /** Unix seconds. */
  readonly expires: number;
}

/** Cookie sessions and one-time links of the passthrough, in the journal: any web node serves them. */
export interface DoorSessions {
  open(holder: Holder, address: string): Promise<Opened>;
  /** Who it is; undefined: no session, over, of another address, or with a wrong security token. */
  find(cookie: string, securityToken: string, address: string): Promise<Actor | undefined>;
  close(cookie: string): Promise<void>;
  link(holder: Holder, service: string): Promise<Link>;
  /** Spends a link; undefined: unknown, over, or spent before. */
  redeem(secret: string, address: string): Promise<(Opened & { readonly service: string }) | undefined>;
}

export interface Lookups {
  person(name: string): Promise<Person | undefined>;
  token(id: string, address: string): Promise<Actor | undefined>;
}

/** A session ends after this long without a call, as cPanel's own. */
const idleMs = 15 * 60_000;
/** A used session is written again when it has lost this much: not at every call. */
const touchMs = 60_000;
const linkMs = 60_000;

interface Stored {
  readonly holder: Holder;
  readonly securityToken: string;
  readonly address: string;
}

function keyOf(kind: 'session' | 'link', secret: string): string {
  return createHash('sha256').update(`${kind}:${secret}`).digest('hex');
}

function newSecurityToken(): string {
  return `/cpsess${String(randomInt(1_000_000_000, 9_999_999_999)).padStart(10, '0')}`;
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Opens nothing; the journal is its owner's to close. */
export function openDoorSessions(deps: AuthDeps, lookups: Lookups): DoorSessions {
  async function put(id: string, data: unknown, ms: number, from?: SessionFrom): Promise<void> {
    const row = { id, data: JSON.stringify(data), expires_at: deps.clock() + ms };
    await deps.journal.write(async (db) => {
      await db.insertInto('sessions').values(row).execute();
      if (from !== undefined)
        await db
          .insertInto('session_people')
          .values(noteOf(id, from, deps.clock()))
          .execute();
    });
  }
  async function row(id: string) {
    const found = await deps.journal.read((db) =>
      db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst(),
    );
    return found !== undefined && Number(found.expires_at) > deps.clock() ? found : undefined;
  }
  async function drop(id: string): Promise<boolean> {
    const gone = await deps.journal.write((db) => db.deleteFrom('sessions').where('id', '=', id).executeTakeFirst());
    return gone.numDeletedRows > 0n;
  }
  async function open(holder: Holder, address: string, securityToken = newSecurityToken()): Promise<Opened> {
    const cookie = randomBytes(24).toString('base64url');
    const stored = { holder, securityToken, address } satisfies Stored;
    const door = 'passthrough';
    const from = holder.kind === 'person' ? ({ person: holder.name, door, address, agent: '' } as const) : undefined;
    await put(keyOf('session', cookie), stored, idleMs, from);
    return { cookie, securityToken };
  }
  async function touch(id: string, expiresAt: number): Promise<void> {
    const next = deps.clock() + idleMs;
    if (next - expiresAt < touchMs) return;
    await deps.journal.write((db) =>
      db.updateTable('sessions').set({ expires_at: next }).where('id', '=', id).execute(),
    );
  }
  return {
    open: (holder, address) => open(holder, address),
    async find(cookie, securityToken, address) {
      const id = keyOf('session', cookie);
      const found = await row(id);
      if (found === undefined) return undefined;
      // Cast: written by `open` alone, from a value of this type.
      const stored = JSON.parse(found.data) as Stored;
      if (!same(stored.securityToken, securityToken) || stored.address !== address) return undefined;
      await touch(id, Number(found.expires_at));
      return actorFor(lookups, stored.holder, address);
    },
    async close(cookie) {
      await drop(keyOf('session', cookie));
    },
    async link(holder, service) {
      const secret = randomBytes(24).toString('base64url');
      const securityToken = newSecurityToken();
      await put(keyOf('link', secret), { holder, service, securityToken }, linkMs);
      const expires = Math.floor((deps.clock() + linkMs) / 1000);
      return { secret, session: `${randomBytes(6).toString('hex')}`, securityToken, expires };
    },
    async redeem(secret, address) {
      const id = keyOf('link', secret);
      const found = await row(id);
      // Whoever deletes the row has spent the link: two at once cannot.
      if (found === undefined || !(await drop(id))) return undefined;
      // Cast: written by `link` alone.
      const link = JSON.parse(found.data) as { holder: Holder; service: string; securityToken: string };
      return { ...(await open(link.holder, address, link.securityToken)), service: link.service };
    },
  };
}

async function actorFor(lookups: Lookups, holder: Holder, address: string): Promise<Actor | undefined> {
  if (holder.kind === 'token') return lookups.token(holder.id, address);
  if (holder.kind === 'account') {
    const { account } = holder;
    // What a link opens on this port shows, and changes nothing; the customers' pages have a session of their own.
    return { kind: 'token', name: account, scope: { account }, acl: ['read'], address };
  }
  if (holder.kind === 'mailbox') {
    const { account, mailbox } = holder;
    // Nothing on this port is a mailbox user's: the link leads on to the self-service.
    return { kind: 'token', name: mailbox, scope: { account }, acl: [], mailbox, address };
  }
  const person = await lookups.person(holder.name);
  return person === undefined ? undefined : actorOf(person, address);
}
