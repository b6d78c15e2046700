/** What the masters let resellers do: read as the reseller, kept for a short while. */
import { z } from 'zod';
import type { Outcome } from '../whm/outcome.ts';

const flag = z.union([z.number(), z.string(), z.boolean()]).transform((value) => Number(value) === 1);
const answer = z.object({ privileges: z.union([z.record(z.string(), flag), z.array(z.record(z.string(), flag))]) });

/** The names of the privileges that are on; undefined: an answer of unknown shape. */
function namesIn(data: unknown): ReadonlySet<string> | undefined {
  const parsed = answer.safeParse(data);
  if (!parsed.success) return undefined;
  const { privileges } = parsed.data;
  const flags = Array.isArray(privileges) ? Object.assign({}, ...privileges) : privileges;
  return new Set(Object.entries(flags).flatMap(([name, on]) => (on === true ? [name] : [])));
}

/** Somebody who is no reseller has none; undefined: this master does not tell. */
function told(outcome: Outcome): ReadonlySet<string> | undefined {
  if (outcome.kind === 'refused') return new Set();
  return outcome.kind === 'done' ? namesIn(outcome.data) : undefined;
}

/** The first that tells. */
async function firstTold(outcomes: AsyncIterable<Outcome>): Promise<ReadonlySet<string> | undefined> {
  for await (const outcome of outcomes) {
    const names = told(outcome);
    if (names !== undefined) return names;
  }
  return undefined;
}

export interface ResellerPrivileges {
  /** undefined: no master tells, and none has told for a while. Somebody who is no reseller has none. */
  of(reseller: string): Promise<ReadonlySet<string> | undefined>;
  /** Something about resellers was changed: the next look is at the masters. */
  forget(): void;
}

interface Known {
  readonly at: number;
  readonly names: ReadonlySet<string>;
}

/** So long a change that was made past Tandem may stay unseen. */
const FRESH_MS = 30_000;
/** So long what was known is gone by while no master tells. */
const KEPT_MS = 600_000;
const MOST = 10_000;

/** `ask`: one master after the other, in the order in which they are to be asked. */
export function resellerPrivileges(
  ask: (reseller: string) => AsyncIterable<Outcome>,
  now: () => number,
): ResellerPrivileges {
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<ReadonlySet<string> | undefined>>();

  async function read(reseller: string): Promise<ReadonlySet<string> | undefined> {
    const names = await firstTold(ask(reseller));
    const last = known.get(reseller);
    if (names === undefined) return last !== undefined && now() - last.at < KEPT_MS ? last.names : undefined;
    if (known.size >= MOST) known.clear();
    known.set(reseller, { at: now(), names });
    return names;
  }

  return {
    of(reseller) {
      const last = known.get(reseller);
      if (last !== undefined && now() - last.at < FRESH_MS) return Promise.resolve(last.names);
      const running = asking.get(reseller) ?? read(reseller).finally(() => asking.delete(reseller));
      asking.set(reseller, running);
      return running;
    },
    forget: () => known.clear(),
  };
}
