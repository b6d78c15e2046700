import type { Chance } from '../../../test/support/chance.ts';
import type { Figure } from '../clock.ts';
import type { Tool } from '../tools/tool.ts';

/** How much a run does. */
export interface Sizes {
  readonly files: number;
  readonly singles: number;
  /** Of the other tools, which take twenty times as long for each. */
  readonly othersSingles: number;
  readonly idleMs: number;
  /** The file that is changed in its middle, megabytes. */
  readonly bigMb: number;
  readonly cutMs: number;
  /** How long mail comes in, on both sides at once. */
  readonly mailMs: number;
  /** What takes longer does not finish. */
  readonly limitMs: number;
  /** How long is waited for a tool that never comes to rest. */
  readonly patienceMs: number;
}

/** What a row is given. */
export interface Field {
  readonly tool: Tool;
  readonly sizes: Sizes;
  readonly chance: Chance;
  /** The files that lay in the first tree at the beginning. */
  readonly paths: readonly string[];
}

/** One scenario of the harness. Its figures are named as in the result; less is better. */
export interface Row {
  readonly letter: string;
  run(field: Field): Promise<Readonly<Record<string, Figure>>>;
}
