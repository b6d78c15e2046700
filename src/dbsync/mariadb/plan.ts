/**
 * From what was read on both servers to what setup does. Pure and level-based: it looks at the state, so running it
 * again after a kill anywhere finishes the work.
 *
 *   refusals → settings (file, restart, live) → own schema, account → data and positions → connect → start → paired
 */
import { lockErrors } from '../plan.ts';
import { clashingDomains, inDomain } from './gtid.ts';
import type { DatabaseSeen, ReplicaSeen, ServerSeen } from './model.ts';
import { type Veto, vetoes, type Wishes } from './safety.ts';
import { fileLines, hasSetting, keepLogsSeconds, type Numbers, type Wanted, wantedSettings } from './settings.ts';
import type { SetupPlan, Step } from './steps.ts';
import { type PanelRules, refusals, remarks } from './tested.ts';

export interface SetupInput {
  readonly servers: readonly [ServerSeen, ServerSeen];
  /** Where each master's replication must point: what the other's `peer` says. */
  readonly peers: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  readonly panel: readonly (PanelRules | undefined)[];
  /** Of databases that both hold with tables: whether their contents are equal. */
  readonly equal: Readonly<Record<string, boolean>>;
  readonly wishes: Wishes;
}

/** Ids and domains: kept where they are of use already, else the side's number. */
export function numbersOf(one: ServerSeen, other: ServerSeen): Numbers {
  const own = Number(one.variables['server_id'] ?? 0);
  const theirs = Number(other.variables['server_id'] ?? 0);
  const domain = Number(one.variables['gtid_domain_id'] ?? 0);
  const otherDomain = Number(other.variables['gtid_domain_id'] ?? 0);
  return {
    serverId: own > 0 && own !== theirs ? own : one.number,
    domain: domain > 0 && otherDomain > 0 && domain !== otherDomain ? domain : one.number,
    offset: one.number,
  };
}

/** The settings file of a side: everything, also what is right today, so that a restart keeps it. */
export function dropIn(
  wanted: readonly Wanted[],
  seen: ServerSeen,
  tls: { readonly directory: string } | undefined,
): string {
  const lines = wanted
    .filter((one) => one.name !== 'log_bin' || seen.variables['log_bin'] !== 'ON' || seen.ownLog)
    .map((one) => `# ${one.reason}\n${fileLines(one).join('\n')}`);
  const secure =
    tls === undefined
      ? []
      : [
          `# what is replicated between sites is encrypted\nssl_ca = ${tls.directory}/ca.pem\nssl_cert = ${tls.directory}/cert.pem\nssl_key = ${tls.directory}/key.pem`,
        ];
  return `# Written by Tandem for ${seen.name}. Do not edit: tandem db setup writes it again.\n[mysqld]\n${[...lines, ...secure].join('\n')}\n`;
}

function settingSteps(one: ServerSeen, other: ServerSeen): readonly Step[] {
  const wanted = wantedSettings(numbersOf(one, other), one.detached);
  const lacking = wanted.filter((w) => !hasSetting(w, one.variables[w.name]));
  const restart = lacking.filter((w) => w.restart);
  const tls: readonly Wanted[] = one.hasTls
    ? []
    : [{ name: 'ssl_cert', value: 'made by Tandem', reason: 'replication between sites is encrypted', restart: true }];
  if (lacking.length === 0 && tls.length === 0) return shortLogs(one);
  const needsStop = lacking.some((w) => w.stopped === true) && isRunning(one);
  // Accounts are cut off for a time, by notes: a file that names one would outlast that.
  const text = dropIn(
    wantedSettings(numbersOf(one, other)),
    one,
    one.hasTls && !one.ownTls ? undefined : { directory: '@directory@' },
  );
  return [
    { kind: 'drop-in', master: one.id, text, restart: [...restart, ...tls] },
    ...(needsStop ? [{ kind: 'stop', master: one.id, why: 'some settings change only then' } as const] : []),
    ...lacking
      .filter((w) => !w.restart)
      .map((w) => ({ kind: 'set', master: one.id, wanted: w, was: one.variables[w.name] ?? '' }) as const),
    ...shortLogs(one),
  ];
}

function shortLogs(one: ServerSeen): readonly Step[] {
  const name = 'binlog_expire_logs_seconds';
  const kept = Number(one.variables[name] ?? 0);
  if (kept === 0 || kept >= keepLogsSeconds) return [];
  const reason = 'a master that is away for a weekend needs no new copy';
  const wanted: Wanted = { name, value: String(keepLogsSeconds), reason, restart: false };
  return [{ kind: 'set', master: one.id, wanted, was: String(kept) }];
}

function isRunning(one: ServerSeen): boolean {
  return one.replica !== undefined && (one.replica.io !== 'No' || one.replica.sql !== 'No');
}

const logLost = 1236;

function isSound({ ioErrno, sqlErrno }: ReplicaSeen): boolean {
  return ioErrno !== logLost && (sqlErrno === 0 || lockErrors.has(sqlErrno));
}

/** What replication into `one` is: to be left alone, to be started or connected anew, or without a sound position. */
type Link = 'good' | 'start' | 'connect' | 'lost';

function linkOf(one: ServerSeen, peer: { readonly host: string; readonly port: number } | undefined): Link {
  if (one.mark.kind === 'seeding') return 'lost';
  const { replica } = one;
  if (replica === undefined) return one.mark.kind === 'none' ? 'lost' : 'connect';
  if (!isSound(replica)) return 'lost';
  const right = replica.host === peer?.host && replica.port === peer.port && replica.usesGtid && replica.tls;
  if (!right) return 'connect';
  if (replica.ioErrno !== 0 && replica.io !== 'Yes') return 'connect';
  return replica.io === 'No' || replica.sql === 'No' ? 'start' : 'good';
}

interface Flows {
  /** Databases by the master that they are taken from. */
  readonly seeds: Readonly<Record<string, readonly DatabaseSeen[]>>;
  readonly undecided: readonly string[];
}

function sourceOf(name: string, a: ServerSeen, b: ServerSeen, input: SetupInput): string | 'equal' | 'undecided' {
  // A load that was interrupted is taken up with the same source.
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const)
    if (one.mark.kind === 'seeding' && one.mark.databases.includes(name)) return other.id;
  const [left, right] = [a, b].map((one) => one.databases.find((d) => d.name === name));
  if (left === undefined) return b.id;
  if (right === undefined) return a.id;
  if (left.tables === 0 && right.tables === 0) return 'equal';
  if (right.tables === 0) return a.id;
  if (left.tables === 0) return b.id;
  return input.equal[name] === true ? 'equal' : (input.wishes.from ?? 'undecided');
}

function flowsOf(a: ServerSeen, b: ServerSeen, input: SetupInput): Flows {
  const names = [...new Set([...a.databases, ...b.databases].map((one) => one.name))].sort();
  const seeds: Record<string, DatabaseSeen[]> = { [a.id]: [], [b.id]: [] };
  const undecided: string[] = [];
  for (const name of names) {
    const source = sourceOf(name, a, b, input);
    if (source === 'undecided') undecided.push(name);
    const from = source === a.id ? a : b;
    const found = from.databases.find((one) => one.name === name);
    if (source !== 'equal' && source !== 'undecided' && found !== undefined) seeds[source]?.push(found);
  }
  return { seeds, undecided };
}

function replacedBy(from: ServerSeen, to: ServerSeen, flows: Flows): readonly string[] {
  const coming = flows.seeds[from.id] ?? [];
  return coming
    .map((one) => one.name)
    .filter((name) => to.databases.some((one) => one.name === name && one.tables > 0));
}

function seedSteps(from: ServerSeen, to: ServerSeen, flows: Flows): readonly Step[] {
  const coming = flows.seeds[from.id] ?? [];
  if (coming.length === 0) return [];
  const sum = (pick: (one: DatabaseSeen) => number): number => coming.reduce((all, one) => all + pick(one), 0);
  return [
    {
      kind: 'seed',
      from: from.id,
      to: to.id,
      databases: coming.map((one) => one.name),
      bytes: sum((one) => one.bytes),
      untransactional: sum((one) => one.untransactional),
    },
  ];
}

/** Data and positions from scratch; `keep` is a master whose receiving is sound and goes on. */
function dataSteps(a: ServerSeen, b: ServerSeen, flows: Flows, links: Readonly<Record<string, Link>>): readonly Step[] {
  const sides = [
    [a, b],
    [b, a],
  ] as const;
  const lost = sides.filter(([one]) => links[one.id] === 'lost');
  const clash = clashingDomains(a.binlogState, b.binlogState, [numbersOf(a, b).domain, numbersOf(b, a).domain]);
  const smaller = a.databases.length < b.databases.length ? a : b;
  const saved = sides.flatMap(([one, other]): Step[] => {
    const replaced = replacedBy(other, one, flows);
    if (replaced.length === 0) return [];
    // What an interrupted load left half is no longer worth a backup: the first run's stands.
    const worth = replaced.filter((name) => one.mark.kind !== 'seeding' || !one.mark.databases.includes(name));
    const fence: Step = { kind: 'fence', master: one.id };
    return worth.length === 0 ? [fence] : [fence, { kind: 'backup', master: one.id, databases: worth }];
  });
  return [
    ...lost
      .filter(([one]) => one.replica !== undefined)
      .map(([one]): Step => ({ kind: 'forget', master: one.id, why: whyLost(one) })),
    ...(clash.length === 0 ? [] : [{ kind: 'reset-log', master: smaller.id, domains: clash } as const]),
    ...saved,
    ...sides.flatMap(([one, other]) => seedSteps(other, one, flows)),
    ...[...lost.filter(isForgetful), ...lost.filter((pair) => !isForgetful(pair))].map(
      ([one, other]): Step => ({ kind: 'position', master: one.id, source: other.id, at: other.binlogPos }),
    ),
  ];
}

/** Its own log has less of its own domain than the other remembers: it goes on from there, and must do so first. */
function isForgetful([one, other]: readonly [ServerSeen, ServerSeen]): boolean {
  const { domain } = numbersOf(one, other);
  const own = inDomain(one.binlogPos, domain)?.seq ?? -1n;
  return (inDomain(other.binlogPos, domain)?.seq ?? -1n) > own;
}

function whyLost(one: ServerSeen): string {
  if (one.mark.kind === 'seeding') return 'a load was interrupted';
  if (one.replica?.ioErrno === logLost) return "the other's log no longer reaches back to its position";
  return one.replica?.sqlError === '' ? 'its position is not known' : `it stopped: ${one.replica?.sqlError ?? ''}`;
}

/** Accounts, schema, connections. */
function linkSteps(input: SetupInput, links: Readonly<Record<string, Link>>): readonly Step[] {
  const [a, b] = input.servers;
  return (
    [
      [a, b],
      [b, a],
    ] as const
  ).flatMap(([one, other]): Step[] => {
    const link = links[one.id];
    if (link === 'good') return [];
    return link === 'start'
      ? [{ kind: 'start', master: one.id }]
      : [{ kind: 'connect', master: one.id, source: other.id }];
  });
}

function exactSteps(seen: readonly ServerSeen[]): readonly Step[] {
  return seen
    .filter((one) => one.inexact > 0)
    .map((one): Step => ({ kind: 'exact', master: one.id, tables: one.inexact }));
}

function foundation(a: ServerSeen, b: ServerSeen): readonly Step[] {
  const settings = [...settingSteps(a, b), ...settingSteps(b, a)];
  const schemas = [a, b].filter((one) => !one.ownSchema).map((one): Step => ({ kind: 'own-schema', master: one.id }));
  const accounts = [a, b].filter((one) => !one.account).map((one): Step => ({ kind: 'account', master: one.id }));
  return [...settings, ...schemas, ...accounts];
}

/** Whether the two are so that data must be looked at: one of them has no sound position. */
export function needsComparing(input: Pick<SetupInput, 'servers' | 'peers'>): boolean {
  return input.servers.some((one) => linkOf(one, input.peers[one.id]) === 'lost');
}

/** The whole plan. An answer 'settled' means that the pair is made and nothing is left to do. */
export function planSetup(input: SetupInput): SetupPlan {
  const [a, b] = input.servers;
  const reasons = refusals(a, b, input.panel);
  if (reasons.length > 0) return refusedBecause(reasons, 'Nothing was changed.');
  const pending = input.servers.flatMap((one) =>
    one.pending.map((name) => `The reseed of ${name} on ${one.name} is not finished.`),
  );
  if (pending.length > 0) return refusedBecause(pending, 'Run tandem db reseed with the same words again.');
  const links = Object.fromEntries(input.servers.map((one) => [one.id, linkOf(one, input.peers[one.id])]));
  const isLost = needsComparing(input);
  const flows = isLost ? flowsOf(a, b, input) : { seeds: {}, undecided: [] };
  if (flows.undecided.length > 0) return whichIsRight(flows.undecided, a, b);
  const steps = [
    ...foundation(a, b),
    ...(isLost ? dataSteps(a, b, flows, links) : []),
    ...linkSteps(input, links),
    ...(isLost ? [] : exactSteps([a, b])),
    ...[a, b]
      .filter((one) => isLost || one.mark.kind !== 'paired')
      .map((one): Step => ({ kind: 'paired', master: one.id })),
  ];
  const against = vetoes(steps, input.servers, input.wishes);
  if (against.length > 0)
    return refusedBecause(against.map(sentence), 'Nothing was changed. If it is meant so, say --even-if-smaller.');
  const notes = [...remarks(a, b), ...otherNotes(a, b)];
  return steps.length === 0 ? { kind: 'settled', notes } : { kind: 'apply', steps, notes };
}

function sentence(veto: Veto): string {
  return veto.sentence;
}

function otherNotes(a: ServerSeen, b: ServerSeen): readonly string[] {
  const domains = [a, b].map((one) => inDomain(one.binlogState, 0)).filter((one) => one !== undefined);
  return domains.length === 0 ? [] : ['Transactions from before the pair stay in the log under GTID domain 0.'];
}

function refusedBecause(reasons: readonly string[], hint: string): SetupPlan {
  return { kind: 'refused', reasons, hint };
}

function whichIsRight(names: readonly string[], a: ServerSeen, b: ServerSeen): SetupPlan {
  const reasons = names.map((name) => `${name} is on both masters with different contents.`);
  return refusedBecause(
    reasons,
    `Say whose contents are right: --from ${a.id} or --from ${b.id}. The other's are backed up first.`,
  );
}
