/** `tandem doctor`: what a person would look at first, each with what to do. */
import { stat } from 'node:fs/promises';
import { doctorJournal } from '../store/doctor.ts';
import { whm } from '../whm/call.ts';
import type { Core } from './core.ts';

/** One thing that was looked at. */
export interface DoctorCheck {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly sentence: string;
  readonly hint?: string;
}

/** Looks at the journal, the key file, Redis, the workers and every master. Changes nothing. */
export async function doctor(core: Core): Promise<readonly DoctorCheck[]> {
  const [journal, key, masters, status] = await Promise.all([
    doctorJournal(core.journal),
    keyFile(core.config.keyFile),
    Promise.all(core.config.masters.map((m) => master(core, m.id))),
    core.reads.status(),
  ]);
  return [
    ...journal.map(
      (line): DoctorCheck => ({ check: line.check, state: line.ok ? 'ok' : 'failed', sentence: line.sentence }),
    ),
    key,
    {
      check: 'redis',
      state: status.redis === 'up' ? 'ok' : 'warning',
      sentence: status.redis === 'up' ? 'Redis answers.' : 'Redis is away: nothing is lost, legs are found by polling.',
    },
    {
      check: 'workers',
      state: status.workers > 0 ? 'ok' : 'failed',
      sentence: `${status.workers} workers live.`,
      ...(status.workers > 0 ? {} : { hint: 'Start one: tandem worker.' }),
    },
    {
      check: 'nodes',
      state: status.journal.singlePointOfFailure ? 'warning' : 'ok',
      sentence: status.journal.singlePointOfFailure
        ? 'One control node: it is a single point of failure for changes, not for the sites themselves.'
        : `${status.journal.nodes} control nodes share the journal.`,
    },
    ...masters,
  ];
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

async function master(core: Core, id: string): Promise<DoctorCheck> {
  const outcome = await core.clients.get(id)?.call(whm('version'), { deadlineMs: 10_000 });
  const name = core.deps.masters.get(id).name;
  const check = `master ${id}`;
  if (outcome?.kind === 'done') return { check, state: 'ok', sentence: `${name} answers and accepts the credentials.` };
  const why = outcome === undefined ? 'no client' : outcome.reason;
  const denied = outcome?.kind === 'denied';
  return {
    check,
    state: 'failed',
    sentence: `${name} ${denied ? 'refuses the credentials' : 'cannot be reached'}: ${why}`,
    hint: denied
      ? 'Make a new token in WHM › Manage API Tokens and put it into the configuration.'
      : 'Check host name, port, certificate and firewall.',
  };
}
