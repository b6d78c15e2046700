import { privileges } from '../acls.ts';
import type { Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type ApiToken, tokens } from '../tables.ts';
import { newToken } from '../tokens.ts';
import { flags } from './acl-lists.ts';

function keyOf(user: string, name: string): string {
  return `whm/${user}/${name}`;
}

function existing(context: Context, name: string): ApiToken {
  const found = context.state.of(tokens).get(keyOf(context.caller.user, name));
  if (found === undefined) throw new Refusal(`The API token named “${name}” does not exist.`);
  return found;
}

function checkName(name: string): void {
  if (!/^[\w-]{1,50}$/u.test(name)) throw new Refusal(`“${name}” is not a valid API token name.`);
}

/** What both create and update set; what is left out falls back to "all rights" and "never". */
function settingsOf(context: Context): Pick<ApiToken, 'acls' | 'expiresAt'> {
  const { params } = context;
  const acls = params.list('acl').filter((acl) => acl !== '');
  const wrong = acls.filter((acl) => !privileges.includes(acl));
  if (wrong.length > 0) throw new Refusal(`The following ACLs are not valid: ${wrong.join(', ')}`);
  const expires = Number(params.get('expires_at') ?? 0);
  return { acls, expiresAt: expires === 0 ? null : expires };
}

function shown(token: ApiToken): Readonly<Record<string, unknown>> {
  return {
    acls: token.acls,
    create_time: token.createTime,
    expires_at: token.expiresAt,
    name: token.name,
    whitelist_ips: token.whitelistIps.length === 0 ? null : token.whitelistIps,
  };
}

function create(context: Context): Result {
  const { caller, host, params, state } = context;
  const name = params.require('token_name');
  checkName(name);
  if (state.of(tokens).has(keyOf(caller.user, name))) {
    throw new Refusal(`An API token with the name “${name}” already exists.`);
  }
  const token: ApiToken = {
    user: caller.user,
    name,
    token: newToken(host),
    service: 'whm',
    createTime: Math.floor(host.now() / 1000),
    whitelistIps: params.list('whitelist_ip'),
    ...settingsOf(context),
  };
  state.of(tokens).set(keyOf(caller.user, name), token);
  return ok({ ...shown(token), token: token.token });
}

function update(context: Context): Result {
  const { caller, params, state } = context;
  const before = existing(context, params.require('token_name'));
  const name = params.get('new_name') ?? before.name;
  checkName(name);
  if (name !== before.name && state.of(tokens).has(keyOf(caller.user, name))) {
    throw new Refusal(`An API token with the name “${name}” already exists.`);
  }
  const asked = params.list('whitelist_ip');
  const whitelistIps = asked.length === 0 ? before.whitelistIps : asked.filter((ip) => ip !== 'any');
  const next: ApiToken = { ...before, name, whitelistIps, ...settingsOf(context) };
  if (name !== before.name) state.of(tokens).delete(keyOf(caller.user, before.name));
  state.of(tokens).set(keyOf(caller.user, name), next);
  return ok(shown(next));
}

function list(context: Context): Result {
  const own = context.state
    .of(tokens)
    .by(context.caller.user)
    .filter((t) => t.service === 'whm');
  const all = own.map((t) => [
    t.name,
    { ...shown(t), acls: flags((acl) => t.acls.length === 0 || t.acls.includes(acl)) },
  ]);
  return ok({ tokens: Object.fromEntries(all) });
}

function details(context: Context): Result {
  const secret = context.params.require('token');
  const found = context.state
    .of(tokens)
    .by(context.caller.user)
    .find((t) => t.token === secret);
  if (found === undefined) throw new Refusal('The API token does not exist.');
  return ok(shown(found));
}

function revoke(context: Context): Result {
  const names = context.params.list('token_name');
  if (names.length === 0) context.params.require('token_name');
  for (const name of names) context.state.of(tokens).delete(keyOf(context.caller.user, existing(context, name).name));
  return ok();
}

export const apiTokens: Module = {
  whm: {
    api_token_create: create,
    api_token_update: update,
    api_token_list: list,
    api_token_get_details: details,
    api_token_revoke: revoke,
  },
};
