/** Parameter names from the product's function table: data only, none of its code runs against a master. */
import { functions } from '../whm/functions/index.ts';

/** The declared names of one function; empty for one that the table does not have. A trailing '*' stands for any ending. */
export function tableParams(api: 'whm' | 'uapi', fn: string): readonly string[] {
  const entry = functions.get(api, fn);
  return entry === undefined ? [] : [...entry.required, ...entry.optional];
}
