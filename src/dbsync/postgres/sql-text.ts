/** Names and texts as SQL. Pure. */

/** A name, quoted, with its schema in front where two are given. */
export function sqlName(...parts: readonly string[]): string {
  return parts.map((one) => `"${one.replaceAll('"', '""')}"`).join('.');
}

/** A text as SQL, where no parameter is possible. */
export function sqlText(value: string): string {
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return value.includes('\\') ? ` E${quoted}` : quoted;
}
