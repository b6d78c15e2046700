/** API tokens of an account: UAPI `Tokens`. */
import type { AccountContext, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type ApiToken, tokens } from '../tables.ts';
import { newToken } from '../tokens.ts';

function keyOf(user: string, name: string): string {
  return `cpanel/${user}/${name}`;
}

function named(context: AccountContext): ApiToken {
  const name = context.params.require('name');
  const found = context.state.of(tokens).get(keyOf(context.user, name));
  if (found === undefined) throw new Refusal(`The API token “${name}” does not exist.`);
  return found;
}

function checkNew(context: AccountContext, name: string): string {
  if (!/^[\w-]{1,50}$/u.test(name)) throw new Refusal(`“${name}” is not a valid API token name.`);
  if (context.state.of(tokens).has(keyOf(context.user, name))) {
    throw new Refusal(`An API token with the name “${name}” already exists.`);
  }
  return name;
}

function create(context: AccountContext): Result {
  const { host, params, state, user } = context;
  const name = checkNew(context, params.require('name'));
  const expires = params.number('expires_at') ?? 0;
  const row: ApiToken = {
    user,
    name,
    token: newToken(host),
    service: 'cpanel',
    acls: [],
    createTime: Math.floor(host.now() / 1000),
    expiresAt: expires === 0 ? null : expires,
    whitelistIps: [],
  };
  state.of(tokens).set(keyOf(user, name), row);
  return ok({ create_time: row.createTime, token: row.token });
}

function list({ state, user }: AccountContext): Result {
  const own = state
    .of(tokens)
    .by(user)
    .filter((t) => t.service === 'cpanel');
  return ok(
    own.map((t) => ({
      create_time: t.createTime,
      expires_at: t.expiresAt,
      features: [],
      has_full_access: 1,
      name: t.name,
      readonly: 0,
    })),
  );
}

function rename(context: AccountContext): Result {
  const found = named(context);
  const name = checkNew(context, context.params.require('new_name'));
  context.state.of(tokens).delete(keyOf(context.user, found.name));
  context.state.of(tokens).set(keyOf(context.user, name), { ...found, name });
  return ok();
}

function revoke(context: AccountContext): Result {
  context.state.of(tokens).delete(keyOf(context.user, named(context).name));
  return ok(1);
}

export const cpanelTokens: Module = {
  uapi: {
    'Tokens::create_full_access': create,
    'Tokens::list': list,
    'Tokens::rename': rename,
    'Tokens::revoke': revoke,
  },
};
