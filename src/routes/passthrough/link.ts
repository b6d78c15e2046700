import type { CallAnswer } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import type { Verdict } from './judge.ts';
import { reach } from './rights.ts';
import type { Caller } from './run.ts';

/**
 * `create_user_session`: Tandem's own link, good once and for a minute, since the masters' ports are closed. What it
 * opens is the account and nothing more, whatever its maker may do: it shows, it changes nothing.
 */
export async function session(
  deps: PassthroughDeps,
  caller: Caller,
  verdict: Verdict & { kind: 'session' },
): Promise<CallAnswer> {
  const { user, service } = verdict;
  const mine = user.includes('@') ? undefined : (await reach(deps, caller.actor)).get(user);
  if (mine === undefined) return { ok: false, reason: 'You do not have access to that account.' };
  if (service !== 'cpaneld' && service !== 'whostmgrd')
    return { ok: false, reason: `The service “${service}” is not offered through this interface.` };
  const link = await deps.sessions.link({ kind: 'account', account: user }, service);
  const host = caller.host ?? 'localhost';
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
