/** A JSON object of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field of something that may be no object. */
export function field(value: unknown, name: string): unknown {
  return isFields(value) ? value[name] : undefined;
}

/** WHM's yes: declared integers arrive as numbers or as text, and API 2 sends `true` at places. */
export function isOne(value: unknown): boolean {
  return value === 1 || value === '1' || value === true;
}

/** WHM's no. */
export function isZero(value: unknown): boolean {
  return value === 0 || value === '0' || value === false;
}

/** null, one text or a list of them, as UAPI sends errors, messages and warnings. */
export function listOfTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
