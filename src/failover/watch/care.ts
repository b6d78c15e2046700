import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Care } from '../apply/ttl-care.ts';
import type { Publish } from '../publish/model.ts';
import { writeDurably } from '../state/durable.ts';
import type { Note } from '../state/notes.ts';
import type { Store } from '../state/store.ts';

/** Carries out what people said of TTLs, on each watcher for its own zones; after a restart, or a cut, the rest. */

export interface DueCare {
  readonly key: string;
  readonly care: Care;
  readonly at: number;
  /** undefined: all zones. */
  readonly zone: string | undefined;
}

/** What the notes want now: what was lowered for a time is raised when it is over. Oldest first. */
export function careOf(notes: readonly Note[], now: number): readonly DueCare[] {
  return notes
    .flatMap(({ key, value }): DueCare[] => {
      if (value?.kind !== 'care') return [];
      const { care, at, until, zone } = value;
      const isOver = until !== undefined && now >= until;
      return [{ key, zone, ...(isOver ? { care: 'raise', at: until } : { care, at }) }];
    })
    .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
}

export interface CarerDeps {
  readonly publish: Publish | undefined;
  readonly store: Store;
  /** Remembers what was done, by key. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Carer {
  step(signal: AbortSignal): Promise<void>;
  /** An order comes first; the rest of the care follows it. */
  giveWay(): void;
}

type Done = Record<string, number>;

const shape = z.record(z.string(), z.number());

/** What was done, by key; what cannot be read was not done: to do it again changes nothing. */
async function readDone(file: string, log: Logger): Promise<Done> {
  try {
    return shape.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!absent)
      log.warn({ file, reason: messageOf(error) }, 'what was done of TTL care cannot be read; it is done again');
    return {};
  }
}

export function openCarer({ publish, store, file, clock, log }: CarerDeps): Carer {
  let done: Done | undefined;
  let running: AbortController | undefined;

  async function carry(due: readonly DueCare[], signal: AbortSignal): Promise<void> {
    const [first] = due;
    if (publish === undefined || first === undefined) return;
    const { care, at } = first;
    const only = first.zone === undefined ? undefined : new Set(due.flatMap(({ zone }) => zone ?? []));
    const outcome = await publish.care({ care, at, only }, signal);
    const what = only === undefined ? 'all zones' : [...only].slice(0, 5).join(', ');
    log.info({ care, zones: what, outcome: outcome.kind, sentence: outcome.sentence }, 'TTL care');
    if (outcome.kind === 'stopped' || outcome.kind === 'failed') return;
    const marks = due.map(({ key, at: said }) => [key, said] as const);
    done = { ...done, ...Object.fromEntries(marks) };
    await writeDurably(file, `${JSON.stringify(done)}\n`);
    const sentence = `TTLs ${care === 'lower' ? 'lowered' : 'raised'} on ${what}: ${outcome.sentence}`;
    await store.tell({ at: clock.now(), kind: 'publish', subject: 'ttl', sentence, evidence: [] });
  }

  return {
    async step(outer) {
      done ??= await readDone(file, log);
      const known = done;
      const due = careOf(store.notes(), clock.now()).filter(({ key, at }) => known[key] !== at);
      const [first] = due;
      if (first === undefined || publish === undefined) return;
      // Zones that were named together were said at one moment, and go in one run.
      const alike =
        first.zone === undefined
          ? [first]
          : due.filter(({ at, care, zone }) => at === first.at && care === first.care && zone !== undefined);
      running = new AbortController();
      try {
        await carry(alike, AbortSignal.any([outer, running.signal]));
      } finally {
        running = undefined;
      }
    },
    giveWay: () => running?.abort(),
  };
}
