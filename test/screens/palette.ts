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

function unfilter(raw: Buffer, bytes: Buffer, y: number, stride: number, size: number): void {
  const from = y * (stride + 1);
  const filter = raw[from] ?? 0;
  const to = y * stride;
  // Outside the picture everything is 0.
  const above = (x: number): number => (x < 0 ? 0 : (bytes[to + x - stride] ?? 0));
  for (let x = 0; x < stride; x += 1) {
    const left = x < size ? 0 : (bytes[to + x - size] ?? 0);
    const up = above(x);
    const corner = above(x - size);
    bytes[to + x] = ((raw[from + 1 + x] ?? 0) + predicted(filter, left, up, corner)) & 255;
  }
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  return filter === 4 ? paeth(left, up, corner) : 0;
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
function indexed(pixels: Pixels): Indexed {
  const { width, height, size, bytes } = pixels;
  const counts = new Map<number, number>();
  for (let at = 0; at < width * height * size; at += size) {
    const colour = bytes.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const colours = [...counts.keys()].toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, 256);
  const places = new Map([...counts.keys()].map((colour) => [colour, nearest(colours, colour)]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const at = Math.floor(pixel / width) * (width + 1) + 1 + (pixel % width);
    rows[at] = places.get(bytes.readUIntBE(pixel * size, 3)) ?? 0;
  }
  return { colours, rows };
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
  const parts = [chunk('IHDR', header), chunk('PLTE', palette), chunk('IDAT', deflateSync(rows, { level: 9 }))];
  return Buffer.concat([signature, ...parts, chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}
