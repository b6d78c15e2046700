/** PNG pictures with a palette: pages have few colours, and a quarter of the bytes says the same. */
import { deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Bytes of a pixel: 3 or 4. */
  readonly size: number;
  readonly bytes: Buffer;
}

/** An 8-bit true-colour PNG as one with at most 256 colours; a rare shade becomes its neighbour. */
export function withPalette(png: Buffer): Buffer {
  const pixels = decoded(png);
  return encoded(pixels, indexed(pixels));
}

/** How large a PNG is. */
export function sizeOf(png: Buffer): { readonly width: number; readonly height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

function chunks(png: Buffer): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    found.set(type, Buffer.concat([found.get(type) ?? Buffer.alloc(0), data]));
    at += 12 + length;
  }
  return found;
}

function decoded(png: Buffer): Pixels {
  const all = chunks(png);
  const header = all.get('IHDR') ?? Buffer.alloc(13);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const size = header[9] === 6 ? 4 : 3;
  const raw = inflateSync(all.get('IDAT') ?? Buffer.alloc(0));
  const stride = width * size;
  const bytes = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) unfilter(raw, bytes, y, stride, size);
  return { width, height, size, bytes };
}

const guesses: readonly (((left: number, up: number, corner: number) => number) | undefined)[] = [
  undefined,
  (left) => left,
  (_left, up) => up,
  (left, up) => (left + up) >> 1,
  paeth,
];

/** PNG's five filters. Outside the picture everything is 0. */
function unfilter(raw: Buffer, bytes: Buffer, y: number, stride: number, size: number): void {
  const from = y * (stride + 1) + 1;
  const filter = raw[from - 1] ?? 0;
  const to = y * stride;
  const above = y === 0 ? new Uint8Array(stride) : bytes.subarray(to - stride, to);
  const row = bytes.subarray(to, to + stride);
  row.set(raw.subarray(from, from + stride));
  if (filter === 0) return;
  const before = (line: Uint8Array, x: number): number => (x < size ? 0 : (line[x - size] ?? 0));
  const guess = guesses[filter] ?? ((_left, up) => up);
  for (let x = 0; x < stride; x += 1)
    row[x] = ((row[x] ?? 0) + guess(before(row, x), above[x] ?? 0, before(above, x))) & 255;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

interface Indexed {
  readonly colours: readonly number[];
  readonly rows: Buffer;
}

/** The colours that most pixels have, and for every pixel the nearest of them. */
function indexed({ width, height, size, bytes }: Pixels): Indexed {
  const runs = runsOf(bytes, size);
  const counts = new Map<number, number>();
  for (const { colour, pixels } of runs) counts.set(colour, (counts.get(colour) ?? 0) + pixels);
  const colours = [...counts].toSorted(([, a], [, b]) => b - a).map(([colour]) => colour);
  const kept = colours.slice(0, 256);
  const places = new Map(colours.map((colour, n) => [colour, n < 256 ? n : nearest(kept, colour)]));
  const flat = Buffer.alloc(width * height);
  let at = 0;
  for (const { colour, pixels } of runs) {
    flat.fill(places.get(colour) ?? 0, at, at + pixels);
    at += pixels;
  }
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) flat.copy(rows, y * (width + 1) + 1, y * width, (y + 1) * width);
  return { colours: kept, rows };
}

interface RunOfPixels {
  readonly colour: number;
  pixels: number;
}

/** Most pixels of a page are as the one before. */
function runsOf(bytes: Buffer, size: number): readonly RunOfPixels[] {
  const runs: RunOfPixels[] = [];
  let last: RunOfPixels | undefined;
  for (let at = 0; at < bytes.length; at += size) {
    const colour = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    if (last?.colour === colour) last.pixels += 1;
    else {
      last = { colour, pixels: 1 };
      runs.push(last);
    }
  }
  return runs;
}

function nearest(colours: readonly number[], colour: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (const [place, one] of colours.entries()) {
    const far = [16, 8, 0].reduce((sum, bits) => sum + (((one >> bits) & 255) - ((colour >> bits) & 255)) ** 2, 0);
    if (far < least) [best, least] = [place, far];
  }
  return best;
}

function encoded(pixels: Pixels, { colours, rows }: Indexed): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(pixels.width, 0);
  header.writeUInt32BE(pixels.height, 4);
  // 8 bits, palette.
  header.set([8, 3, 0, 0, 0], 8);
  const palette = Buffer.alloc(colours.length * 3);
  for (const [n, colour] of colours.entries()) palette.writeUIntBE(colour, n * 3, 3);
  const parts = [chunk('IHDR', header), chunk('PLTE', palette), chunk('IDAT', deflateSync(rows, { level: 8 }))];
  return Buffer.concat([signature, ...parts, chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  return value;
});

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ (table[(value ^ byte) & 255] ?? 0);
  return (value ^ 0xffffffff) >>> 0;
}
