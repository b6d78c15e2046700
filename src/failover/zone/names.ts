/** Domain names in zone files: made absolute and brought to one form, so that equal names are equal texts. */

const plain = /^[A-Za-z0-9_*.-]+$/;

/** Bytes that must be escaped in our one form; everything else that is printable stands for itself. */
function escaped(byte: number): string {
  if (byte <= 32 || byte >= 127) return `\\${String(byte).padStart(3, '0')}`;
  const char = String.fromCharCode(byte).toLowerCase();
  return /[.\\";()@$]/.test(char) ? `\\${char}` : char;
}

/** One form for escapes: '\097' is 'a', '\.' stays escaped, and letters are small. */
function canonicalEscapes(name: string): string {
  return name.replace(/\\(\d{3})|\\([\s\S])|([^.\\])/g, (_, code?: string, char?: string, bare?: string) =>
    escaped(code === undefined ? (char ?? bare ?? '').charCodeAt(0) : Number(code) & 255),
  );
}

/** Whether the last dot is a real one: an even number of backslashes stands before it. */
function isAbsolute(name: string): boolean {
  if (!name.endsWith('.')) return false;
  if (!name.endsWith('\\.')) return true;
  const before = /(\\*)\.$/.exec(name);
  return before !== null && (before[1] ?? '').length % 2 === 0;
}

/** A name as written at a place whose origin is known → absolute, small letters, closing dot. '@' is the origin. */
export function absoluteName(written: string, origin: string): string {
  if (written === '@') return origin;
  const name = plain.test(written) ? written.toLowerCase() : canonicalEscapes(written);
  if (isAbsolute(name)) return name;
  return origin === '.' ? `${name}.` : `${name}.${origin}`;
}

/** The name of a zone as people write it ('Bob.example') → 'bob.example.'. */
export function zoneName(name: string): string {
  return absoluteName(name, '.');
}

/** The leftmost label of an absolute name. */
export function firstLabel(name: string): string {
  // Ten times faster than the pattern, for what nearly all names are.
  if (!name.includes('\\')) return name.includes('.') ? name.slice(0, name.indexOf('.')) : name;
  return /^(?:[^.\\]|\\\d{3}|\\[\s\S])*/.exec(name)?.[0] ?? '';
}
