/** The control node's watch over the agents: what each said last, and how it was before. */
import { z } from 'zod';
import type { FilesWay } from '../config-filesync.ts';
import { messageOf } from '../errors.ts';
import { stateFile } from '../state-file.ts';
import { askAgent } from './remote.ts';
import { type Report, report } from './report.ts';

/** A master whose agent is asked. */
export interface Watched {
  readonly id: string;
  readonly name: string;
  readonly way: FilesWay;
}

const seen = z.object({
  id: z.string(),
  name: z.string(),
  /** null: it did not answer; `why` says so. */
  report: report.nullable(),
  why: z.string(),
  /** How far its clock is ahead of this node's, milliseconds. */
  aheadMs: z.number().nullable(),
  /** Bytes a second that it sent lately. */
  sentPerSecond: z.number().nullable(),
});

const schema = z.object({
  /** Milliseconds since 1970. */
  at: z.number(),
  masters: z.array(seen),
  /** Age of each master's oldest unsent change in ms, null where it was not known; ten seconds apart, oldest first. */
  history: z.array(z.object({ at: z.number(), oldestMs: z.array(z.number().nullable()) })),
});

export type FilesState = z.output<typeof schema>;
export type Seen = z.output<typeof seen>;

const askMs = 8000;
/** Six hours. */
const mostHistory = 2160;

/** Asks one agent for its report. */
export async function reportOf(way: FilesWay, signal: AbortSignal): Promise<Report> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(askMs)]);
  const { json } = await askAgent(way, { verb: 'report', rest: [] }, limit);
  return report.parse(json);
}

function sentPerSecond(now: Report, before: Report | null | undefined): number | null {
  if (before === null || before === undefined || now.sentBytes < before.sentBytes || now.at <= before.at) return null;
  return Math.round(((now.sentBytes - before.sentBytes) / (now.at - before.at)) * 1000);
}

async function look(one: Watched, before: Seen | undefined, now: () => number, signal: AbortSignal): Promise<Seen> {
  const { id, name } = one;
  const asked = now();
  try {
    const said = await reportOf(one.way, signal);
    const aheadMs = Math.round(said.at - (asked + now()) / 2);
    return { id, name, report: said, why: '', aheadMs, sentPerSecond: sentPerSecond(said, before?.report) };
  } catch (error) {
    return { id, name, report: null, why: messageOf(error).slice(0, 500), aheadMs: null, sentPerSecond: null };
  }
}

/** One look at all agents at once; one that does not answer holds up nobody. */
export async function lookAround(
  masters: readonly Watched[],
  before: FilesState | undefined,
  now: () => number,
  signal: AbortSignal,
): Promise<FilesState> {
  const was = new Map(before?.masters.map((one) => [one.id, one]));
  const all = await Promise.all(masters.map((one) => look(one, was.get(one.id), now, signal)));
  const same = before !== undefined && before.masters.map(({ id }) => id).join() === masters.map(({ id }) => id).join();
  const at = now();
  const row = { at, oldestMs: all.map((one) => one.report?.oldestMs ?? null) };
  return { at, masters: all, history: [...(same ? before.history : []), row].slice(-mostHistory) };
}

/** Where it is kept for portal and metrics. */
export const filesState = stateFile<FilesState>(schema);
