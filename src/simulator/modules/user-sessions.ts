import { newSession } from '../auth.ts';
import type { Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { accounts, domains, resellers, type Session, sessions } from '../tables.ts';
import { isOwn } from './access.ts';

const PORTS: Readonly<Record<Session['service'], number>> = { cpaneld: 2083, whostmgrd: 2087, webmaild: 2096 };

function isService(text: string): text is Session['service'] {
  return text in PORTS;
}

/** The account behind a user name, or behind a mail address for webmail. */
function accountName(context: Context, user: string, service: Session['service']): string {
  const at = user.indexOf('@');
  if (service !== 'webmaild' || at < 0) return user;
  return context.state.of(domains).get(user.slice(at + 1))?.user ?? '';
}

function checkUser(context: Context, user: string, service: Session['service']): void {
  const { caller, state } = context;
  const name = accountName(context, user, service);
  const account = state.of(accounts).get(name);
  const isRoot = name === 'root' && service === 'whostmgrd' && caller.kind === 'root';
  if (!isRoot && (account === undefined || !isOwn(context, account))) {
    throw new Refusal(`You do not have access to an account named “${user}”.`);
  }
  if (service === 'whostmgrd' && !isRoot && !state.of(resellers).has(name)) {
    throw new Refusal(`“${user}” is not a reseller.`);
  }
}

/** create_user_session: its URL names this server and works once. */
function create(context: Context): Result {
  const { host, params, state } = context;
  const user = params.require('user');
  const service = params.require('service');
  if (!isService(service)) throw new Refusal(`“${service}” is not a valid service.`);
  checkUser(context, user, service);
  const made = newSession(context, user, service);
  const pending = `${user}:${host.randomText(16)}:CREATE_USER_SESSION,${host.randomText(32).toLowerCase()}`;
  state.of(sessions).set(made.cookie, { ...made, pending });
  const name = params.get('preferred_domain') ?? host.hostname;
  const url = `https://${name}:${PORTS[service]}${made.token}/login/?session=${encodeURIComponent(pending)}`;
  const data = {
    cp_security_token: made.token,
    expires: Math.floor(host.now() / 1000) + 900,
    service,
    session: pending,
    url,
  };
  return ok(data, { reason: 'Created session' });
}

export const userSessions: Module = {
  whm: { create_user_session: { run: create, params: ['app', 'locale', 'preferred_domain'] } },
};
