import type { Holder } from '../../auth/door-sessions.ts';
import { uapi } from '../../whm/call.ts';
import { type CallAnswer, isRecord } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import type { Verdict } from './judge.ts';
import { relayed } from './outcome.ts';
import { ownerOfDomain, reach } from './rights.ts';
import type { Caller } from './run.ts';

/** Services whose links Tandem has pages for. A reseller's own account is what `whostmgrd` opens. */
const services: ReadonlySet<string> = new Set(['cpaneld', 'whostmgrd', 'webmaild']);

const noAccess = 'You do not have access to that account.';

/** Whom the link signs in; a string is the reason why there is none. */
async function holderOf(
  deps: PassthroughDeps,
  caller: Caller,
  { user, service }: Verdict & { kind: 'session' },
): Promise<Holder | string> {
  if (!services.has(service)) return `The service “${service}” is not offered through this interface.`;
  const mine = await reach(deps, caller.actor);
  if (!user.includes('@')) return mine.has(user) ? { kind: 'account', account: user } : noAccess;
  if (service !== 'webmaild') return noAccess;
  return await mailboxHolder(deps, mine, user.toLowerCase());
}

/** A mailbox that is there, and whose user may sign in, of an account that the caller may reach. */
async function mailboxHolder(
  deps: PassthroughDeps,
  mine: ReadonlyMap<string, unknown>,
  mailbox: string,
): Promise<Holder | string> {
  const found = /^[^@\s]{1,64}@([a-z0-9.-]{1,253})$/.exec(mailbox);
  const domain = found?.[1];
  const account = domain === undefined ? undefined : await ownerOfDomain(deps, domain);
  if (domain === undefined || account === undefined || !mine.has(account)) return noAccess;
  const listed = relayed(
    (await deps.reads.call(uapi(account, 'Email::list_pops_with_disk', { domain }), account)).outcome,
  );
  if (!listed.ok) return listed.reason;
  const rows: readonly unknown[] = Array.isArray(listed.data) ? listed.data : [];
  const row = rows.filter(isRecord).find((one) => one['email'] === mailbox);
  if (row === undefined) return `The mailbox “${mailbox}” does not exist.`;
  if (Number(row['suspended_login'] ?? 0) === 1) return `The mailbox “${mailbox}” is suspended.`;
  return { kind: 'mailbox', account, mailbox };
}

/**
 * `create_user_session`: Tandem's own link, good once and for a minute, since the masters' ports are closed. What it
 * opens is the account, or one mailbox of it, and nothing more, whatever its maker may do.
 */
export async function session(
  deps: PassthroughDeps,
  caller: Caller,
  verdict: Verdict & { kind: 'session' },
): Promise<CallAnswer> {
  const { user, service } = verdict;
  const holder = await holderOf(deps, caller, verdict);
  if (typeof holder === 'string') return { ok: false, reason: holder };
  const link = await deps.sessions.link(holder, service);
  const host = caller.host() ?? 'localhost';
  const url = `https://${host}:${deps.cpanelPort()}${link.securityToken}/login/?session=${link.secret}`;
  const data = {
    url,
    session: `${user}:${link.session}`,
    service,
    cp_security_token: link.securityToken,
    expires: link.expires,
  };
  return { ok: true, data, reason: 'Created session' };
}
