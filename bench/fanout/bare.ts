import { type Child, startChild } from './child.ts';
import type { Target } from './servers.ts';

export interface BareArgs {
  readonly targets: readonly Target[];
  /** For each target the file with its call groups. */
  readonly files: readonly string[];
  readonly inFlight: number;
}

export interface BareReply {
  readonly kind: 'done';
  readonly seconds: number;
  /** Processor seconds of the loop. */
  readonly cpu: number;
}

/** What the bare keep-alive loop takes for the recorded calls. */
export async function runBare(args: BareArgs): Promise<Omit<BareReply, 'kind'>> {
  const child: Child<never, BareReply> = startChild('./bare-process.ts', args);
  const { seconds, cpu } = await child.next('done');
  await child.end();
  return { seconds, cpu };
}
