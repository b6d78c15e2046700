import { compareEvidence } from './compare.ts';
import { contract } from './contract.ts';
import type { Step } from './model.ts';
import type { Recording } from './recording.ts';
import type { OpenSide } from './side.ts';

/**
 * Plays the contract to a simulator and compares it with what a server once answered: the same requests must get
 * answers of the same shape and lead to the same facts. Steps that were not recorded are played all the same, since
 * later ones stand on them. Returns a sentence for each difference, the step first.
 */
export async function replay(recordings: readonly Recording[], side: OpenSide): Promise<readonly string[]> {
  const recorded = new Map(recordings.flatMap((one) => one.steps).map((step) => [step.step, step]));
  const found: string[] = [];
  for (const step of contract.filter(isPlayed)) {
    const evidence = await side.play(step);
    const before = recorded.get(step.id);
    if (before !== undefined) {
      found.push(...compareEvidence(step, before, evidence).map((sentence) => `${step.id}: ${sentence}`));
    }
  }
  const known = new Set(contract.map((step) => step.id));
  const gone = [...recorded.keys()].filter((id) => !known.has(id));
  return [...found, ...gone.map((id) => `${id}: the contract has no such step any more`)];
}

function isPlayed(step: Step): boolean {
  return step.unsafe === undefined && step.alone !== true;
}
