/** `tandem doctor`: what a person would look at first, each with what to do. */
import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { PublishConfig } from '../config-publish.ts';
import { messageOf } from '../errors.ts';
import type { MasterStatus } from '../operations/model.ts';
import { versionsDiffer } from '../operations/next-step.ts';
import { doctorJournal } from '../store/doctor.ts';
import { openRedis } from '../store/redis.ts';
import type { Core } from './core.ts';
import { doctorAlike } from './doctor-alike.ts';
import { counted, type DoctorCheck, judgeDrift, judgeExpiry, type UidRange } from './doctor-judge.ts';
import { doctorMail } from './doctor-mail.ts';
import { doctorMaster } from './doctor-master.ts';
import { doctorSignatures } from './doctor-signatures.ts';
import { doctorTopology } from './doctor-topology.ts';
import { ownCertificateFile } from './listen.ts';

export type { DoctorCheck } from './doctor-judge.ts';

/**
 * Looks at the journal, the key file, certificates, Redis, the workers and every master. Changes nothing. `redisUrl`
 * undefined: none is to be had. `publish`: the zones that this machine publishes, when it does.
 */
export async function doctor(
  core: Core,
  redisUrl: string | undefined,
  publish?: PublishConfig,
): Promise<readonly DoctorCheck[]> {
  const range = await uidRange(core);
  const [drift, journal, key, own, redis, masters, topology, signatures, mail, alike, status] = await Promise.all([
    openDrift(core),
    doctorJournal(core.journal),
    keyFile(core.config.keyFile),
    ownCertificate(core),
    redisAnswers(core, redisUrl),
    Promise.all(core.config.masters.map((m) => doctorMaster(core, m, range))),
    doctorTopology(core.config, core.clients, publish, core.log),
    doctorSignatures(publish, Date.now()),
    doctorMail(publish),
    doctorAlike(publish),
    core.reads.status(),
  ]);
  return [
    ...journal.map(
      (line): DoctorCheck => ({ check: line.check, state: line.ok ? 'ok' : 'failed', sentence: line.sentence }),
    ),
    key,
    own,
    redis,
    workers(status.workers),
    {
      check: 'nodes',
      state: status.journal.singlePointOfFailure ? 'warning' : 'ok',
      sentence: status.journal.singlePointOfFailure
        ? 'One control node: it is a single point of failure for changes, not for the sites themselves.'
        : `${status.journal.nodes} control nodes share the journal.`,
    },
    ...masters.flat(),
    ...topology,
    ...signatures,
    ...mail,
    ...alike,
    ...versions(status.masters),
    judgeDrift(drift),
  ];
}

function workers(count: number): DoctorCheck {
  const sentence = count === 0 ? 'No worker lives.' : `${counted(count, 'worker lives', 'workers live')}.`;
  if (count > 0) return { check: 'workers', state: 'ok', sentence };
  return { check: 'workers', state: 'failed', sentence, hint: 'Start one: tandem worker.' };
}

function versions(masters: readonly MasterStatus[]): readonly DoctorCheck[] {
  const differ = versionsDiffer(masters);
  if (differ === undefined) return [];
  return [{ check: 'versions', state: 'warning', sentence: differ, hint: 'Update the older one.' }];
}

async function keyFile(path: string): Promise<DoctorCheck> {
  const { mode } = await stat(path);
  const open = (mode & 0o077) !== 0;
  return {
    check: 'key file',
    state: open ? 'failed' : 'ok',
    sentence: open ? `${path} can be read by others.` : `${path} is readable by its owner only.`,
    ...(open ? { hint: `chmod 600 ${path}` } : {}),
  };
}

/** Tandem's own certificate: the configured one, or the one that the first start makes. */
async function ownCertificate(core: Core): Promise<DoctorCheck> {
  const { config } = core;
  const check = 'certificate';
  try {
    const file = ownCertificateFile(config);
    const pem = config.tls.kind === 'files' ? config.tls.cert : await readFile(file, 'utf8');
    const validTo = Date.parse(new X509Certificate(pem).validTo);
    return judgeExpiry(check, "Tandem's own certificate", validTo, Date.now());
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return {
        check,
        state: 'ok',
        sentence: 'There is no certificate yet; the first start of the web role makes one.',
      };
    }
    return { check, state: 'failed', sentence: `Tandem's own certificate cannot be read: ${messageOf(error)}` };
  }
}

/** Asks Redis itself, on a connection of its own, for as long as a producer would wait. */
async function redisAnswers(core: Core, url: string | undefined): Promise<DoctorCheck> {
  const check = 'redis';
  const away = 'Nothing is lost: legs are found by polling, a little slower.';
  if (url === undefined) return { check, state: 'warning', sentence: `There is no Redis. ${away}` };
  const redis = openRedis(url, { role: 'producer', log: core.log });
  try {
    await redis.ping();
    return { check, state: 'ok', sentence: 'Redis answers.' };
  } catch (error) {
    return { check, state: 'warning', sentence: `Redis does not answer: ${messageOf(error)}. ${away}` };
  } finally {
    redis.disconnect();
  }
}

async function openDrift({ journal, deps }: Core): Promise<readonly string[]> {
  const rows = await journal.read((db) =>
    db
      .selectFrom('findings')
      .select(['master', 'account', 'sentence'])
      .where('resolved_at', 'is', null)
      .orderBy('found_at', 'desc')
      .limit(1000)
      .execute(),
  );
  const names = new Map(deps.masters.list.map((m) => [m.id, m.name]));
  return rows.map(
    (r) => `${names.get(r.master) ?? r.master}${r.account === null ? '' : ` ${r.account}`}: ${r.sentence}`,
  );
}

async function uidRange({ journal, config }: Core): Promise<UidRange> {
  const row = await journal.read((db) =>
    db.selectFrom('meta').select('value').where('name', '=', 'uid').executeTakeFirst(),
  );
  return row === undefined ? config.uidRange : { ...config.uidRange, last: Number(row.value) };
}
