import { z } from 'zod';
import { type WhmCall, whm } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, readable } from '../answers.ts';

/** What is on and off in a feature list, by the ids that WHM gives features. */

const names = z.object({ featurelists: z.array(z.string()) });
const data = z.object({ features: z.array(z.looseObject({ id: z.string(), value: numeric })) });

export type Features = ReadonlyMap<string, boolean>;

export function lookAtFeatures(name: string): readonly WhmCall[] {
  return [whm('get_featurelists'), whm('get_featurelist_data', { featurelist: name })];
}

/** undefined: no such list. Throws Garbled for an answer of unknown shape. */
export function readFeatures(answers: readonly Answer[], name: string): Features | undefined {
  const listed = readable(answers, 0, names);
  if (!listed.ok || !listed.value.featurelists.includes(name)) return undefined;
  const read = readable(answers, 1, data);
  return read.ok ? new Map(read.value.features.map(({ id, value }) => [id, value === 1])) : undefined;
}

/** 'a, b' → ['a', 'b']. */
export function idsOf(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(',');
}
