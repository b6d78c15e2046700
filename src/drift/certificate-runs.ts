/**
 * AutoSSL makes certificates at times of its own, and the other master wants them within five minutes. Reading all
 * certificates so often would be dear; the list of its runs is short, and says when they are worth comparing.
 */
import { z } from 'zod';
import { numeric } from '../actions/answers.ts';
import { whm } from '../whm/call.ts';
import type { LookDeps } from './look.ts';
import { getMeta, setMeta } from './meta.ts';
import { askOnce } from './observe.ts';

/** So often the list is read: with the comparison and the installation a new certificate is there in less than five. */
export const glanceMs = 4 * 60_000;
const STATE = 'drift.certificates.runs';

const catalog = z.object({ payload: z.array(z.object({ start_time: z.string(), in_progress: numeric })) });
const stored = z.object({ at: z.number(), seen: z.record(z.string(), z.string()) });

/** Whether AutoSSL has run on a master since the last glance, or runs now. The first glance only remembers. */
export async function autosslRan(deps: LookDeps, signal: AbortSignal): Promise<boolean> {
  const before = stored.safeParse(JSON.parse((await getMeta(deps, STATE)) || 'null')).data;
  const now = deps.clock.now();
  if (before !== undefined && now - before.at < glanceMs) return false;
  const seen: Record<string, string> = { ...before?.seen };
  let ran = false;
  for (const { id } of deps.masters.list) {
    const latest = await latestRun(deps, id, signal);
    // A master that does not tell is compared with the others, each hour.
    if (latest === undefined) continue;
    if (latest === running || (seen[id] !== undefined && seen[id] !== latest)) ran = true;
    seen[id] = latest;
  }
  await setMeta(deps, STATE, JSON.stringify({ at: now, seen }));
  return ran;
}

/** One that runs is new at the next glance too, when it may have ended. */
const running = 'running';

/** Tells one run from the one before it; undefined: the master does not say. */
async function latestRun(deps: LookDeps, master: string, signal: AbortSignal): Promise<string | undefined> {
  const observing = { ...deps, signal, now: () => deps.clock.now() };
  const [answer] = await askOnce(observing, master, [whm('get_autossl_logs_catalog')]);
  const read = catalog.safeParse(answer?.ok === true ? answer.data : undefined);
  if (!read.success) return undefined;
  const { payload } = read.data;
  if (payload.some((run) => run.in_progress === 1)) return running;
  return `${payload.length} ${
    payload
      .map((run) => run.start_time)
      .sort()
      .at(-1) ?? ''
  }`;
}
