import type { Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type FeatureList, featureLists, packages } from '../tables.ts';

/** Features that a list can switch off, id → label. */
export const FEATURES: Readonly<Record<string, string>> = {
  addondomains: 'Addon Domains',
  autoresponders: 'Autoresponders',
  backup: 'Backups',
  bandwidth: 'Bandwidth Stats',
  boxtrapper: 'BoxTrapper Spam Trap',
  changemx: 'Ability to Change MX',
  cron: 'Cron Jobs',
  errlog: 'Errors',
  ipdeny: 'IP Blocker',
  phpmyadmin: 'phpMyAdmin',
  rawlog: 'Raw Access',
  webprotect: 'Directory Privacy',
  csvimport: 'Address Importer',
  defaultaddress: 'Default Address Manager',
  emailauth: 'Email Authentication',
  email_trace: 'Track Delivery',
  filemanager: 'File Manager',
  forwarders: 'Forwarders',
  ftpaccts: 'FTP Accounts',
  lists: 'Mailing Lists',
  modsecurity: 'ModSecurity Domain Manager',
  multiphp: 'MultiPHP Manager',
  mysql: 'MySQL',
  parkeddomains: 'Aliases',
  passengerapps: 'Application Manager',
  popaccts: 'Email Accounts',
  postgres: 'PostgreSQL',
  redirects: 'Redirects',
  spamassassin: 'Apache SpamAssassin',
  ssh: 'SSH Access & Terminal',
  sslinstall: 'SSL Host Installer',
  sslmanager: 'SSL Manager',
  subdomains: 'Subdomains',
  webdisk: 'Web Disk',
  webmail: 'Webmail',
  zoneedit: 'Zone Editor (AAAA, CAA, SRV, TXT)',
};

function existing(context: Context): FeatureList {
  const name = context.params.require('featurelist');
  const found = context.state.of(featureLists).get(name);
  if (found === undefined) throw new Refusal(`The feature list “${name}” does not exist.`);
  return found;
}

/** Every parameter that is a feature's id. */
function asked(context: Context): Readonly<Record<string, boolean>> {
  const ids = context.params.all.filter(([name]) => name in FEATURES).map(([name]) => name);
  return Object.fromEntries(ids.map((id) => [id, context.params.flag(id, true)]));
}

function mayChange(context: Context, list: FeatureList): void {
  if (context.caller.kind !== 'root' && list.owner !== context.caller.user) {
    throw new Refusal(`You do not have permission to change the feature list “${list.name}”.`);
  }
}

function create(context: Context): Result {
  const { caller, params, state } = context;
  const wanted = params.require('featurelist');
  const name = caller.kind === 'root' ? wanted : `${caller.user}_${wanted}`;
  if (state.of(featureLists).has(name)) throw new Refusal(`The feature list “${name}” already exists.`);
  state.of(featureLists).set(name, { name, owner: caller.user, features: asked(context) });
  return ok({ featurelist: name });
}

function update(context: Context): Result {
  const list = existing(context);
  mayChange(context, list);
  const features = { ...list.features, ...asked(context) };
  context.state.of(featureLists).set(list.name, { ...list, features });
  return ok({ featurelist: list.name, updated_features: asked(context), invalid_features: [] });
}

function remove(context: Context): Result {
  const list = existing(context);
  mayChange(context, list);
  if (list.name === 'default' || list.name === 'disabled') {
    throw new Refusal(`The feature list “${list.name}” cannot be deleted.`);
  }
  const used = context.state
    .of(packages)
    .values()
    .some((p) => p.limits.featurelist === list.name);
  if (used) throw new Refusal(`The feature list “${list.name}” is used by a package.`);
  context.state.of(featureLists).delete(list.name);
  return ok({ deleted_featurelist: list.name });
}

function value(list: FeatureList, id: string): number {
  if (list.name === 'disabled') return list.features[id] === true ? 1 : 0;
  return list.features[id] === false ? 0 : 1;
}

function read(context: Context): Result {
  const list = existing(context);
  return ok({
    featurelist: list.name,
    features: Object.fromEntries(Object.keys(FEATURES).map((id) => [id, value(list, id)])),
  });
}

function data(context: Context): Result {
  const list = existing(context);
  const features = Object.entries(FEATURES).map(([id, name]) => ({ id, name, is_disabled: 0, value: value(list, id) }));
  return ok({ featurelist: list.name, features });
}

function names(context: Context): Result {
  const all = context.state.of(featureLists).values();
  const own =
    context.caller.kind === 'root' ? all : all.filter((l) => l.owner === 'root' || l.owner === context.caller.user);
  return ok({ featurelists: own.map((l) => l.name) });
}

const featureParams = Object.keys(FEATURES);

export const featureListFunctions: Module = {
  whm: {
    create_featurelist: { run: create, params: featureParams },
    update_featurelist: { run: update, params: featureParams },
    delete_featurelist: remove,
    read_featurelist: read,
    get_featurelist_data: data,
    get_featurelists: names,
    get_feature_names: () => ok({ feature: Object.entries(FEATURES).map(([id, name]) => ({ id, name })) }),
    get_feature_metadata: () =>
      ok({ features: Object.entries(FEATURES).map(([id, name]) => ({ id, is_plugin: 0, name })) }),
  },
};
