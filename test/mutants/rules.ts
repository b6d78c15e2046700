import { coreRules } from './rules-core.ts';
import { reachRules } from './rules-reach.ts';
import { storeRules } from './rules-store.ts';

/** A rule of the product, and the change that breaks it. At least one of the tests must then fail. */
export interface Mutant {
  /** The rule that is broken, as a sentence. */
  readonly rule: string;
  readonly file: string;
  /** Must occur exactly once in the file. */
  readonly search: string;
  readonly replace: string;
  /** Test files, as short as proves it. */
  readonly tests: readonly [string, ...string[]];
}

export const mutants: readonly Mutant[] = [...coreRules, ...storeRules, ...reachRules];
