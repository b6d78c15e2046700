/** Whether plain HTTP is sent on to HTTPS, for each domain. Stands in the server's configuration, not in the home. */
import type { AccountContext, AccountHandler, Context, Entry, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import { domains } from '../tables.ts';
import { ownedHooks } from './owned.ts';
import { sslHosts } from './ssl-store.ts';

interface HttpsOnly {
  readonly user: string;
}

/** Key: 'user/domain'; a row means that the redirect is on. */
export const httpsOnly = table<HttpsOnly>('https-only', { group: (row) => row.user });

/** The two fields of a domain's data. */
export function redirectFields({ state }: Context, user: string, domain: string) {
  const isServed = state.of(sslHosts).has(`${user}/${domain}`);
  return {
    can_https_redirect: isServed ? 1 : 0,
    is_https_redirecting: state.of(httpsOnly).has(`${user}/${domain}`) ? 1 : 0,
    all_aliases_valid: isServed ? 1 : 0,
  };
}

function toggle(context: AccountContext): Result {
  const { params, state, user } = context;
  const wanted = params
    .require('domains')
    .split(',')
    .filter((name) => name !== '');
  const on = params.flag('state', true);
  for (const domain of wanted) {
    if (state.of(domains).get(domain)?.user !== user) {
      throw new Refusal(`The domain “${domain}” does not belong to “${user}”.`);
    }
    if (on) state.of(httpsOnly).set(`${user}/${domain}`, { user });
    else state.of(httpsOnly).delete(`${user}/${domain}`);
  }
  return ok(wanted);
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'SSL::toggle_ssl_redirect_for_domains': toggle,
  'SSL::can_ssl_redirect': () => ok(1),
};

export const sslRedirect: Module = { uapi, hooks: ownedHooks(httpsOnly) };
