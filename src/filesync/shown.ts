/** A path in bytes as people read it; bytes that are no readable text are shown as \xNN. */
export function shown(path: string): string {
  const text = Buffer.from(path, 'latin1').toString();
  const clean = text.includes('\uFFFD') ? path : text;
  return clean.replace(/\p{Cc}/gu, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
