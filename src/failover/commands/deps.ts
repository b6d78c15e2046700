import type { CommandResult } from '../control/schema.ts';
import type { ActiveMasters, Publish } from '../publish/model.ts';
import type { ReturnLimits } from '../return-gate.ts';
import type { Carrier } from '../watch/carry.ts';
import type { WatchDeps } from '../watch/deps.ts';
import type { GateProvider } from '../watch/gate.ts';
import type { WatchStatus } from '../watch/status.ts';
import type { Memory } from '../watch/turn.ts';

/** The barrier before a return: no operation may still be led by the other master when the names move. */
export interface Barrier {
  /** Raises the journal's epoch of the active master and waits for older legs, of these accounts or, without any, of all. Throws when it cannot. */
  raise(active: ActiveMasters, epoch: number, signal: AbortSignal, accounts: readonly string[]): Promise<void>;
  /** Takes back what `raise` did at this epoch, when the order is not given after all. */
  lower(active: ActiveMasters, epoch: number, signal: AbortSignal): Promise<void>;
}

/** What the commands work with. */
export interface CommandDeps {
  readonly watch: WatchDeps;
  readonly memory: Memory;
  readonly carrier: Carrier;
  readonly publish: Publish | undefined;
  readonly gates: readonly GateProvider[];
  readonly barrier: Barrier | undefined;
  readonly returnLimits: ReturnLimits;
  readonly status: (history: number) => Promise<WatchStatus>;
  readonly acknowledge: (check: string) => boolean;
  /** Where a master's sites are reached. */
  readonly addressOf: (master: string) => string | undefined;
  /** Carries the orders out now, as far as it goes at once, and answers what came of the zones. */
  readonly carryOut: () => Promise<readonly string[]>;
  /** Tells a master that it is active, on a person's word. Throws when it cannot be told. */
  readonly free: (master: string) => Promise<void>;
}

/** A result with lines for people. */
export function result(
  exit: CommandResult['exit'],
  sentence: string,
  lines: readonly string[] = [],
  data: unknown = null,
): CommandResult {
  return { exit, sentence, lines: [...lines], data };
}
