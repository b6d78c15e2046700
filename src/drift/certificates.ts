/**
 * Certificates more often than all else: compared every hour and soon after AutoSSL ran, and a newer one is installed
 * where it is missing at once, through operations. Warned of 21 days before an end.
 */
import { z } from 'zod';
import { numeric } from '../actions/answers.ts';
import type { Actor } from '../auth/actor.ts';
import { messageOf } from '../errors.ts';
import { activeMaster } from '../operations/active.ts';
import type { Deps } from '../operations/deps.ts';
import type { Operations } from '../operations/model.ts';
import { whm } from '../whm/call.ts';
import { type ApplyDeps, repair } from './apply.ts';
import { autosslRan } from './certificate-runs.ts';
import { listFindings, standingFindings } from './findings.ts';
import { askCertificates, certificateKind, vhosts } from './kinds/certificate.ts';
import { type LookDeps, lookAtServers } from './look.ts';
import { firstStart, getMeta, setMeta } from './meta.ts';
import type { Finding, Side } from './model.ts';
import { askOnce } from './observe.ts';
import type { Limits } from './safety.ts';

export interface CertificateDeps extends LookDeps {
  readonly operations: Pick<Operations, 'accept'>;
  readonly limits: Limits;
  readonly everyMs: number;
}

/** A certificate that ends soon. */
export interface Ending {
  readonly master: string;
  /** A virtual host, or a service of the server. */
  readonly name: string;
  readonly account?: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** What the return gate and the pages ask. */
export interface CertificateState {
  /** Every virtual host has one certificate on all masters. */
  readonly inStep: boolean;
  readonly differing: number;
  /** Those that end within 21 days, soonest first. */
  readonly ending: readonly Ending[];
  /** When they were compared last; undefined: never. */
  readonly at: number | undefined;
}

export const WARN_DAYS = 21;
const DAY_MS = 86_400_000;
const STATE = 'drift.certificates';
/** So many at a time: the master restarts its web server for each. */
const AT_ONCE = 20;

const system: Actor = { kind: 'system', name: 'certificates', scope: 'all' };

const stored = z.object({
  at: z.number(),
  ending: z.array(
    z.object({ master: z.string(), name: z.string(), account: z.string().optional(), until: z.number() }),
  ),
});

/** What is known now, from the journal alone. */
export async function certificatesInStep(deps: Pick<Deps, 'journal'>): Promise<CertificateState> {
  const parsed = stored.safeParse(JSON.parse((await getMeta(deps, STATE)) || 'null'));
  const differing = (await standingFindings(deps)).find(({ kind }) => kind === 'certificate')?.count ?? 0;
  if (!parsed.success) return { inStep: false, differing, ending: [], at: undefined };
  const ending = parsed.data.ending.map(({ account, ...e }) => (account === undefined ? e : { ...e, account }));
  return { inStep: differing === 0, differing, ending, at: parsed.data.at };
}

/** Compares when the hour is over or AutoSSL has run, and installs what is newer elsewhere. undefined: it is not due. */
export async function certificateStep(
  deps: CertificateDeps,
  generation: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { at } = await certificatesInStep(deps);
  // A new installation does not begin with it: the first hour counts from the first start.
  const last = Math.max(at ?? 0, await firstStart(deps, deps.clock.now()));
  const ran = await autosslRan(deps, signal);
  if (!ran && deps.clock.now() - last < deps.everyMs) return undefined;
  await lookAtServers(deps, generation, signal, [certificateKind]);
  const ending = await endingSoon(deps, signal);
  await setMeta(deps, STATE, JSON.stringify({ at: deps.clock.now(), ending }));
  if (ending.length > 0)
    deps.log.warn({ ending: ending.slice(0, 20), count: ending.length }, 'certificates end within 21 days');
  const copied = await copyNewer(deps);
  return `Compared the certificates: ${copied} newer ones are installed on the other master.`;
}

/** Goes on with what one step left: at most some at a time. */
export async function copyNewer(deps: CertificateDeps): Promise<number> {
  const open = await listFindings(deps, { kind: 'certificate', state: 'open', limit: 1000 });
  let copied = 0;
  const accounts = new Set(
    (await listFindings(deps, { kind: 'account', state: 'open', limit: 1000 })).map((f) => f.account),
  );
  // Tried before and refused: a person decides. An account that is not there has no virtual host.
  const able = open.filter((f) => f.repairOperation === undefined && !accounts.has(f.account));
  for (const finding of able.slice(0, AT_ONCE)) {
    const from = newest(finding);
    if (from === undefined) continue;
    const apply: ApplyDeps = { ...deps, operations: deps.operations };
    try {
      const [outcome] = await repair(apply, { ids: [finding.id], from, actor: system, door: 'system' });
      if (outcome !== undefined && outcome.objections.length === 0) copied += 1;
      else
        deps.log.warn(
          { domain: finding.name, why: outcome?.objections },
          'a certificate could not be installed on the other master',
        );
    } catch (error) {
      deps.log.warn(
        { domain: finding.name, reason: messageOf(error) },
        'a certificate could not be installed on the other master',
      );
    }
  }
  return copied;
}

/** The side whose certificate ends last; undefined: two different ones end at one moment, which a person must decide. */
export function newest(finding: Pick<Finding, 'sides'>): string | undefined {
  const having = finding.sides.filter((s): s is Side & { value: NonNullable<Side['value']> } => s.value !== undefined);
  const sorted = [...having].sort((a, b) => ((a.value['until'] ?? '') < (b.value['until'] ?? '') ? 1 : -1));
  const [first, second] = sorted;
  if (first === undefined) return undefined;
  return second !== undefined && second.value['until'] === first.value['until'] ? undefined : first.master;
}

const services = z.object({
  services: z.array(z.object({ service: z.string(), certificate_info: z.object({ not_after: numeric }).nullish() })),
});

/** Virtual hosts and services whose certificate ends within 21 days, soonest first. */
async function endingSoon(deps: CertificateDeps, signal: AbortSignal): Promise<readonly Ending[]> {
  const before = deps.clock.now() + WARN_DAYS * DAY_MS;
  const observing = {
    clients: deps.clients,
    masters: deps.masters,
    signal,
    called: deps.called,
    now: () => deps.clock.now(),
  };
  const found: Ending[] = [];
  for (const { id } of deps.masters.list) {
    const [hosts, own] = await askOnce(observing, id, [askCertificates(), whm('fetch_service_ssl_components')]);
    const read = vhosts.safeParse(hosts?.ok === true ? hosts.data : undefined);
    const service = services.safeParse(own?.ok === true ? own.data : undefined);
    found.push(
      ...(read.data?.vhosts ?? []).map((v) => ({
        master: id,
        name: v.servername,
        account: v.user,
        until: v.crt.not_after * 1000,
      })),
      ...(service.data?.services ?? []).flatMap((s) =>
        s.certificate_info == null
          ? []
          : [{ master: id, name: `service ${s.service}`, until: s.certificate_info.not_after * 1000 }],
      ),
    );
  }
  return found
    .filter((e) => e.until < before)
    .sort((a, b) => a.until - b.until)
    .slice(0, 200);
}

const metadata = z.object({ payload: z.record(z.string(), z.union([numeric, z.string(), z.null()])) });

/**
 * AutoSSL of the standby fails each night, since no name points to it: its mails are switched off there, and on again
 * where it is active, as far as WHM knows notices (every key that begins with notify_).
 */
export async function muteStandby(deps: CertificateDeps, signal: AbortSignal): Promise<void> {
  const active = await deps.journal.read(async (db) => (await activeMaster(deps, db, null)).master);
  const observing = {
    clients: deps.clients,
    masters: deps.masters,
    signal,
    called: deps.called,
    now: () => deps.clock.now(),
  };
  for (const { id } of deps.masters.list) {
    const [answer] = await askOnce(observing, id, [whm('get_autossl_metadata')]);
    const read = metadata.safeParse(answer?.ok === true ? answer.data : undefined);
    if (!read.success) continue;
    await mute(deps, id, id === active, read.data.payload);
  }
}

async function mute(
  deps: CertificateDeps,
  master: string,
  isActive: boolean,
  now: Readonly<Record<string, unknown>>,
): Promise<void> {
  const name = `drift.autossl.${master}`;
  const muted = new Set((await getMeta(deps, name)).split(' ').filter((k) => k !== ''));
  const notices = Object.keys(now).filter((k) => k.startsWith('notify_'));
  const change = isActive
    ? notices.filter((k) => muted.has(k) && Number(now[k]) === 0)
    : notices.filter((k) => Number(now[k]) === 1);
  for (const key of change) {
    const args = [
      ['key', key],
      ['value', isActive ? '1' : '0'],
    ];
    await deps.operations.accept({
      action: 'whm.call',
      params: { function: 'set_autossl_metadata_key', args, master },
      actor: system,
      door: 'system',
    });
  }
  const next = isActive ? [] : [...new Set([...muted, ...change])];
  if (next.join(' ') !== [...muted].join(' ')) await setMeta(deps, name, next.join(' '));
}
