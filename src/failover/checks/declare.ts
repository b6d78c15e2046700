import { z } from 'zod';
import type { WatchConfig } from '../../config-watch.ts';
import { Invalid, type Issue } from '../../errors.ts';
import type { AnyKind, Bound, Runner } from './kind.ts';
import type { CheckRule } from './model.ts';
import { badParents } from './sight.ts';

/** A port that shows whether a host is there. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** One check of one host, ready to run. */
export interface Instance {
  /** 'm1/https'; of a host that is no master the check's id alone. */
  readonly id: string;
  readonly check: string;
  readonly kind: string;
  /** The master it is about; undefined for gateways and the like. */
  readonly master: string | undefined;
  readonly host: string;
  readonly vital: boolean;
  /** The TCP port it looks at, if any: what other vantages look at too. */
  readonly port: number | undefined;
  readonly rule: CheckRule;
  readonly timeoutMs: number;
  /** Ids of instances: while one of them is bad, a failure of this one says nothing. */
  readonly parents: readonly string[];
  readonly run: Runner;
}

type Declared = WatchConfig['checks'][number];

const own = new Set([
  'id',
  'kind',
  'vital',
  'masters',
  'host',
  'parents',
  'everyMs',
  'retryMs',
  'timeoutMs',
  'attempts',
]);

function paramsOf(check: Declared): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(check).filter(([name]) => !own.has(name)));
}

function bound(check: Declared, kinds: readonly AnyKind[], issues: Issue[]): Bound | undefined {
  const path = `watch.checks.${check.id}`;
  const kind = kinds.find((one) => one.kind === check.kind);
  if (kind === undefined) {
    const known = kinds.map((one) => one.kind).join(', ');
    issues.push({ path: `${path}.kind`, message: `is not a kind of check. Known: ${known}` });
    return undefined;
  }
  try {
    return kind.bind(paramsOf(check));
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    for (const issue of error.issues) {
      const at = [path, ...issue.path.map(String)].join('.');
      issues.push({ path: at, message: `${issue.message}. Example: ${kind.example}` });
    }
    return undefined;
  }
}

interface Host {
  readonly id: string;
  readonly address: string;
  readonly ssh: WatchConfig['places'][number]['ssh'];
}

function mastersOf(check: Declared, config: WatchConfig, issues: Issue[]): readonly Host[] {
  const all = config.places.flatMap(({ id, kind, address, ssh }) =>
    kind === 'master' && address !== undefined ? [{ id, address, ssh }] : [],
  );
  for (const id of check.masters ?? []) {
    if (all.some((one) => one.id === id)) continue;
    issues.push({ path: `watch.checks.${check.id}.masters`, message: `names ${id}, which is no master` });
  }
  return check.masters === undefined ? all : all.filter(({ id }) => check.masters?.includes(id));
}

function instancesOf(check: Declared, config: WatchConfig, bound: Bound, issues: Issue[]): readonly Instance[] {
  const { timing } = config;
  const common = {
    check: check.id,
    kind: check.kind,
    ...bound,
    timeoutMs: check.timeoutMs ?? timing.timeoutMs,
    rule: {
      everyMs: check.everyMs ?? timing.everyMs,
      retryMs: check.retryMs ?? timing.retryMs,
      attempts: check.attempts ?? timing.attempts,
      jitter: timing.jitter,
    },
  };
  if (check.host !== undefined) {
    const { host, id, parents } = check;
    return [{ ...common, id, host, parents, master: undefined, vital: false }];
  }
  return mastersOf(check, config, issues).map(({ id, address, ssh }) => ({
    ...common,
    run: (at, around) => bound.run(at, { ...around, ssh }),
    id: `${id}/${check.id}`,
    master: id,
    host: address,
    vital: check.vital,
    parents: check.parents,
  }));
}

/** Parents as ids of instances: of the same master where there is one, else of a host. */
function linked(instances: readonly Instance[], issues: Issue[]): readonly Instance[] {
  const ids = new Set(instances.map(({ id }) => id));
  return instances.map((one) => ({
    ...one,
    parents: one.parents.flatMap((name) => {
      const found = [`${one.master ?? ''}/${name}`, name].find((id) => ids.has(id));
      if (found !== undefined) return [found];
      issues.push({ path: `watch.checks.${one.check}.parents`, message: `names ${name}, which is no check` });
      return [];
    }),
  }));
}

/** What others look at to tell whether they see a master: the ports of its vital checks. */
export function targetsOf(instances: readonly Instance[]): Readonly<Record<string, readonly Target[]>> {
  const targets: Record<string, Target[]> = {};
  for (const { master, vital, host, port } of instances) {
    if (master === undefined || !vital) continue;
    const list = targets[master] ?? [];
    if (port !== undefined && !list.some((one) => one.port === port)) list.push({ host, port });
    targets[master] = list;
  }
  for (const { master, host } of instances) {
    // Its vital checks look at no port (ping): then the web server's.
    if (master !== undefined && targets[master]?.length === 0) targets[master] = [{ host, port: 443 }];
  }
  return targets;
}

/** Whether a check depends on itself, over however many others. */
function isCircular(id: string, all: readonly Instance[]): boolean {
  const parents = Object.fromEntries(all.map((one) => [one.id, one.parents]));
  const direct = parents[id] ?? [];
  return direct.includes(id) || direct.some((one) => badParents(one, parents, () => true).includes(id));
}

/** Every check against every host it is for. Throws Invalid that names each wrong key. */
export function declareChecks(config: WatchConfig, kinds: readonly AnyKind[]): readonly Instance[] {
  const issues: Issue[] = [];
  const all = config.checks.flatMap((check) => {
    const one = bound(check, kinds, issues);
    return one === undefined ? [] : instancesOf(check, config, one, issues);
  });
  const instances = linked(all, issues);
  const twice = all.map(({ id }) => id).filter((id, at, ids) => ids.indexOf(id) !== at);
  for (const id of new Set(twice)) issues.push({ path: 'watch.checks', message: `${id} stands there twice` });
  for (const one of instances.filter(({ id }) => isCircular(id, instances))) {
    issues.push({ path: `watch.checks.${one.check}.parents`, message: 'leads back to the check itself' });
  }
  for (const { id, kind } of config.places) {
    if (kind !== 'master' || all.some((one) => one.master === id && one.vital)) continue;
    const message = `no vital check looks at ${id}, so it could never be seen dead. Example: ${'{ id: https, kind: tcp, port: 443, vital: true }'}`;
    if (issues.length === 0) issues.push({ path: 'watch.checks', message });
  }
  if (issues.length > 0)
    throw new Invalid('The checks are declared wrongly.', [
      ...new Map(issues.map((i) => [i.path + i.message, i])).values(),
    ]);
  return instances;
}
