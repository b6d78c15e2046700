/** Reads an archive from end to end while it passes by, without keeping it: what is in it, and that it is readable. */
import { PassThrough, type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Headers } from 'tar-stream';
import { type Findings, isDump } from './findings.ts';

const END_BYTES = 4096;

/** Keeps the first and the last bytes of what passes. */
function ends(): { readonly sink: Writable; head(): string; tail(): string } {
  let first = Buffer.alloc(0);
  let last = Buffer.alloc(0);
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (first.length < END_BYTES) first = Buffer.concat([first, chunk.subarray(0, END_BYTES - first.length)]);
      last = Buffer.concat([last, chunk]).subarray(-END_BYTES);
      done();
    },
  });
  return { sink, head: () => first.toString('utf8'), tail: () => last.toString('utf8') };
}

/** 'cpmove-bob/mysql/bob_shop.sql' → 'mysql/bob_shop.sql'. */
function inside(name: string): string {
  return name.replace(/^\.\//, '').replace(/^[^/]+\//, '');
}

async function entry(headers: Headers, body: Readable, found: Findings, within: string): Promise<void> {
  const path = within === '' ? inside(headers.name) : `${within}/${headers.name.replace(/^\.\//, '')}`;
  const bytes = headers.size ?? 0;
  if (within === '' && path === 'homedir.tar') {
    await members(body, found, 'homedir');
    return;
  }
  if (!isDump(path)) {
    body.resume();
    found.note({ path, bytes });
    return;
  }
  const { sink, head, tail } = ends();
  await pipeline(body, sink);
  found.note({ path, bytes, head: head(), tail: tail() });
}

/** Every member of a tar. The home may be a tar of its own inside. */
async function members(source: Readable, found: Findings, within = ''): Promise<void> {
  const tar = extract();
  const reading = (async () => {
    // A tar-stream entry is a Readable of streamx, which has what is used of Node's own.
    for await (const one of tar) await entry(one.header, one as unknown as Readable, found, within);
  })();
  await Promise.all([pipeline(source, tar as unknown as Writable), reading]);
}

/** Takes the bytes of the archive; `ended` resolves when all of it was read, and rejects when it is damaged. */
export function inspection(name: string, found: Findings): { readonly sink: Writable; readonly ended: Promise<void> } {
  const sink = new PassThrough();
  const plain = name.endsWith('.gz') ? sink.pipe(createGunzip()) : sink;
  // pipe() hands on no failure of its source; a cut sink must not leave the reader waiting.
  sink.once('error', (error) => plain !== sink && plain.destroy(error));
  return { sink, ended: members(plain, found) };
}
