/** Mail authentication records of domains: DKIM, SPF, DMARC; WHM and UAPI `EmailAuth`. */
import type { AccountContext, AccountHandler, Context, Entry, Handler, Hooks, Module } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { accounts, domains } from '../tables.ts';
import { validateDkims, validateDmarcs, validatePtrs, validateSpfs } from './dkim-checks.ts';
import { dkimKeys, dkimText, keyOf } from './dkim-keys.ts';
import { setText } from './dkim-records.ts';
import { domainName, mayTouch } from './zone-store.ts';

type Row = Readonly<Record<string, unknown>>;
/** What is done for one domain, `at` its place in the list; returns further fields of the row. Throws Refusal. */
type Work = (context: Context, domain: string, user: string, at: number) => Row;

/** The account of a domain, when the caller may touch it. */
function userOf(context: Context, domain: string): string {
  const row = context.state.of(domains).get(domain);
  const account = row === undefined ? undefined : context.state.of(accounts).get(row.user);
  const mine = context.user === '' ? mayTouch(context, account) : account?.user === context.user;
  if (account === undefined || !mine) throw new Refusal(`You do not control the domain “${domain}”.`);
  return account.user;
}

/** One row per domain; what one domain refuses does not stop the others. */
function perDomain(context: Context, work: Work): readonly Row[] {
  const wanted = context.params.list('domain').map(domainName);
  if (wanted.length === 0) context.params.require('domain');
  return wanted.map((domain, at) => {
    try {
      return { domain, status: 1, msg: `${domain}: OK`, ...work(context, domain, userOf(context, domain), at) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { domain, status: 0, msg: error.message };
    }
  });
}

function publish(context: Context, domain: string, pem: string | undefined): void {
  setText(context, domain, 'default._domainkey', /v=DKIM1|k=rsa/u, pem === undefined ? undefined : dkimText(pem));
}

const enable: Work = (context, domain, user) => {
  const key = keyOf(context, domain, user);
  context.state.of(dkimKeys).set(domain, { ...key, enabled: true });
  publish(context, domain, key.pem);
  return { msg: `DKIM enabled for “${domain}”.` };
};

const disable: Work = (context, domain) => {
  context.state.of(dkimKeys).update(domain, (key) => ({ ...key, enabled: false }));
  publish(context, domain, undefined);
  return { msg: `DKIM disabled for “${domain}”.` };
};

const ensure: Work = (context, domain, user) => {
  keyOf(context, domain, user);
  return { msg: `The DKIM key for “${domain}” exists.` };
};

const install: Work = (context, domain, user, at) => {
  const pem = context.params.list('key')[at] ?? '';
  dkimText(pem);
  context.state.of(dkimKeys).set(domain, { domain, user, pem, enabled: true });
  publish(context, domain, pem);
  return { msg: `The DKIM key for “${domain}” was installed.` };
};

const installSpf: Work = (context, domain, _user, at) => {
  const text = context.params.list('record')[at] ?? '';
  if (!/^v=spf1(\s|$)/iu.test(text)) throw new Refusal(`The SPF record for “${domain}” is invalid.`);
  setText(context, domain, '', /^v=spf1/iu, text);
  return { msg: `The SPF record for “${domain}” was installed.` };
};

const applyDmarc: Work = (context, domain) => {
  setText(context, domain, '_dmarc', /^v=DMARC1/iu, context.params.require('policy'));
  return { msg: `The DMARC record for “${domain}” was installed.` };
};

const removeDmarc: Work = (context, domain) => {
  setText(context, domain, '_dmarc', /^v=DMARC1/iu, undefined);
  return { msg: `The DMARC record for “${domain}” was removed.` };
};

function fetchKeys(context: Context): readonly Row[] {
  return context.params
    .list('domain')
    .map(domainName)
    .map((domain) => {
      userOf(context, domain);
      return { domain, pem: context.state.of(dkimKeys).get(domain)?.pem ?? null };
    });
}

function checked(check: (context: Context, domain: string) => Row): (context: Context) => readonly Row[] {
  return (context) =>
    context.params
      .list('domain')
      .map(domainName)
      .map((domain) => {
        userOf(context, domain);
        return check(context, domain);
      });
}

const functions: Readonly<Record<string, (context: Context) => readonly Row[]>> = {
  enable_dkim: (c) => perDomain(c, enable),
  disable_dkim: (c) => perDomain(c, disable),
  ensure_dkim_keys_exist: (c) => perDomain(c, ensure),
  install_dkim_private_keys: (c) => perDomain(c, install),
  install_spf_records: (c) => perDomain(c, installSpf),
  apply_dmarc: (c) => perDomain(c, applyDmarc),
  remove_dmarc: (c) => perDomain(c, removeDmarc),
  fetch_dkim_private_keys: fetchKeys,
  validate_current_dkims: checked(validateDkims),
  validate_current_spfs: checked(validateSpfs),
  validate_current_dmarcs: checked(validateDmarcs),
  validate_current_ptrs: checked(validatePtrs),
};

const listParams = ['domain-#', 'key-#', 'record-#'];
const names = Object.entries(functions);

const whm: Readonly<Record<string, Entry<Handler>>> = Object.fromEntries(
  names.map(([name, run]) => [name, { run: (c: Context) => ok({ payload: run(c) }), params: listParams }]),
);

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = Object.fromEntries(
  names.map(([name, run]) => [`EmailAuth::${name}`, { run: (c: AccountContext) => ok(run(c)), params: listParams }]),
);

/** Keys go with their account; zones take care of those of removed domains. */
const hooks: Hooks = {
  removing(context, account) {
    for (const key of context.state.of(dkimKeys).keysBy(account.user)) context.state.of(dkimKeys).delete(key);
  },
  renamed(context, account, from) {
    for (const key of context.state.of(dkimKeys).keysBy(from)) {
      context.state.of(dkimKeys).update(key, (row) => ({ ...row, user: account.user }));
    }
  },
};

export const dkim: Module = { whm, uapi, hooks };
