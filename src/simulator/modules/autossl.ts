/**
 * What AutoSSL tells whom, and its runs. Source: WHM API 1, get_autossl_metadata, get_autossl_logs_catalog,
 * start_autossl_check_for_one_user; UAPI SSL::get_autossl_problems.
 */
import type { AccountContext, Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type State, table } from '../state.ts';
import { domains } from '../tables.ts';
import { rootOnly } from './access.ts';
import { zoneHolding } from './zone-store.ts';
import { recordsNamed } from './zone-views.ts';

interface Metadata {
  readonly values: Readonly<Record<string, number>>;
}

const stored = table<Metadata>('autossl');

interface Run {
  readonly in_progress: number;
  readonly provider: string;
  readonly start_time: string;
  readonly username: string;
}

/** By their time. */
const runs = table<Run>('autossl-runs');

/** The keys that WHM documents, as a new server has them. */
const DEFAULTS: Readonly<Record<string, number>> = {
  clobber_externally_signed: 0,
  notify_autossl_expiry: 1,
  notify_autossl_expiry_coverage: 1,
  notify_autossl_expiry_coverage_user: 1,
  notify_autossl_expiry_user: 1,
  notify_autossl_renewal: 1,
  notify_autossl_renewal_coverage: 1,
  notify_autossl_renewal_coverage_reduced: 1,
  notify_autossl_renewal_coverage_reduced_user: 1,
  notify_autossl_renewal_coverage_user: 1,
  notify_autossl_renewal_uncovered_domains: 1,
  notify_autossl_renewal_uncovered_domains_user: 1,
  notify_autossl_renewal_user: 1,
};

function valuesOf(state: State): Readonly<Record<string, number>> {
  return { ...DEFAULTS, ...state.of(stored).get('server')?.values };
}

function put(context: Context, values: Readonly<Record<string, number>>): Result {
  rootOnly(context);
  const { state } = context;
  state.of(stored).set('server', { values: { ...valuesOf(state), ...values } });
  return ok();
}

function setKey(context: Context): Result {
  const key = context.params.require('key');
  const value = Number(context.params.require('value'));
  if (!Number.isInteger(value)) throw new Refusal(`The “value” parameter must be a number.`);
  return put(context, { [key]: value });
}

function setAll(context: Context): Result {
  const given: unknown = JSON.parse(context.params.require('metadata_json'));
  if (typeof given !== 'object' || given === null) throw new Refusal('The “metadata_json” parameter is not an object.');
  return put(context, Object.fromEntries(Object.entries(given).map(([key, value]) => [key, Number(value)])));
}

/** Domains whose address leads elsewhere: what a certificate authority asks for would not be found here. */
function problems(context: AccountContext): Result {
  const { account, state } = context;
  const rows = state
    .of(domains)
    .by(context.user)
    .flatMap(({ domain }) => {
      const zone = zoneHolding(context, domain);
      const found = zone === undefined ? [] : recordsNamed(zone, `${domain}.`).filter(({ type }) => type === 'A');
      const [address] = found.map(({ data }) => data[0]);
      if (address === undefined || address === account.ip) return [];
      const problem = `DNS DCV: No local authority: “${domain}”; HTTP DCV: “${domain}” resolves to “${address}”, which is not this server.`;
      return [{ domain, problem, time: new Date(context.host.now()).toISOString() }];
    });
  return ok(rows);
}

export const autossl: Module = {
  uapi: { 'SSL::get_autossl_problems': problems },
  whm: {
    get_autossl_metadata(context) {
      rootOnly(context);
      return ok({ payload: valuesOf(context.state) });
    },
    get_autossl_logs_catalog(context) {
      rootOnly(context);
      return ok({ payload: [...context.state.of(runs).values()] });
    },
    start_autossl_check_for_one_user(context) {
      rootOnly(context);
      const username = context.params.require('username');
      const all = context.state.of(runs);
      const run = { in_progress: 0, provider: 'cPanel', start_time: `run ${all.size + 1}`, username };
      all.set(run.start_time, run);
      return ok({ pid: 4000 + all.size });
    },
    set_autossl_metadata: setAll,
    set_autossl_metadata_key: setKey,
  },
};
