import type { Logger } from 'pino';
import type { LongJob } from '../actions/define.ts';
import type { Masters } from '../masters.ts';
import type { Journal } from '../store/database.ts';
import type { Sealer } from '../store/seal.ts';
import type { WhmCall } from '../whm/call.ts';
import type { Outcome } from '../whm/outcome.ts';
import type { Crash } from './crash-points.ts';

/** The one way to a master that the core knows. Never throws on expected trouble. */
export interface Client {
  call(
    call: WhmCall,
    options?: {
      readonly deadlineMs?: number;
      readonly signal?: AbortSignal;
      readonly patient?: boolean;
      readonly answered?: () => void;
    },
  ): Promise<Outcome>;
}

/** Times of an operation's life; milliseconds unless the name says seconds. */
export interface Timing {
  /** How long a worker may hold a leg without a call under way. */
  readonly leaseMs: number;
  readonly sweepMs: number;
  readonly pollMs: number;
  /** How long a lead in doubt is waited for before another master leads. */
  readonly leadDoubtSeconds: number;
  /** Overrides the function table's longest run. */
  readonly longestSeconds?: number;
  readonly verifyAfterMs: number;
  readonly maxDoubts: number;
  readonly backoffMs: { readonly first: number; readonly most: number };
}

/** Where a long job has got to. */
export type JobStep =
  | { readonly kind: 'over' }
  /** Look again then; `sentence` says what is going on: 'bob is being packed'. */
  | { readonly kind: 'goes-on'; readonly waitMs: number; readonly sentence: string }
  /** Nothing of the leg itself was done. Asked once more, it begins anew. */
  | { readonly kind: 'failed'; readonly reason: string; readonly hint?: string };

/** The leg that wants a long job, and its way to the master. */
export interface JobAt {
  readonly operation: string;
  readonly leg: string;
  readonly master: string;
  /** Makes a call within this worker's share of the master. */
  call(call: WhmCall): Promise<Outcome>;
}

/** Work that takes too long for one call: each turn of a leg that waits for it is one short step. */
export interface LongJobs {
  step(job: LongJob, at: JobAt): Promise<JobStep>;
}

/** A leg that may run now; `turn` makes the job's id change with each attempt. */
export interface Wake {
  readonly leg: string;
  readonly master: string;
  readonly turn: number;
}

/** What changed, told to whoever watches (live pages, waiting callers). */
export interface Changes {
  tell(operation: string): void;
  watch(listener: (operation: string) => void): () => void;
}

/** What the core is built from; main makes it. */
/** Who carries files between the masters. */
export interface FilesAside {
  /** Before an operation touches the homes of accounts: nothing of theirs is carried until it is over. Never rejects. */
  aside(accounts: readonly string[], operation: string): Promise<void>;
}

export interface Deps {
  readonly journal: Journal;
  readonly seal: Sealer;
  readonly masters: Masters;
  readonly clients: ReadonlyMap<string, Client>;
  readonly timing: Timing;
  readonly uidRange: { readonly from: number; readonly to: number };
  /** Makes a private key for signing mail, PEM. */
  readonly dkimKey: () => Promise<string>;
  readonly log: Logger;
  readonly crash: Crash;
  readonly changes: Changes;
  /** Left out: nobody carries files between the masters. */
  readonly files?: FilesAside;
  /** Left out: actions with a long job are refused. */
  readonly longJobs?: LongJobs;
  /** Hands ready legs to the workers. Must not throw: the sweep finds what a lost wake-up leaves behind. */
  readonly wake: (legs: readonly Wake[]) => void;
}
