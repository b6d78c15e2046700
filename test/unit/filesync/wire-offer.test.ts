import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../../src/filesync/wire.ts';

const owned = { mode: 0o644, user: 'bob', group: 'bob', attributes: '' };
const link = { kind: 'link', target: '../a', user: 'bob', group: 'bob', mtime: '-1' };
const file = { kind: 'file', ...owned, size: 3, mtime: '1600000000000000000', digest: 'a'.repeat(32) };
const directory = { kind: 'directory', ...owned };
const { attributes: _none, ...bare } = directory;

/** A frame with one offer, as a peer that may be anything would write it. */
function read(offer: unknown): () => unknown {
  const header = Buffer.from(JSON.stringify({ is: 'offers', frame: 1, offers: [offer] }));
  const head = Buffer.alloc(9);
  head.writeUInt32BE(header.length, 0);
  return () => new FrameReader().push(Buffer.concat([head, header]));
}

const offered = (state: unknown): unknown => [0, 'home/bob/a', 1, 2, state, false, -1];

describe('an offer', () => {
  it.each([[{ kind: 'absent' }], [directory], [link], [file], [{ ...file, place: 'cur:2,S' }]])(
    'of %j is taken',
    (state) => expect(read(offered(state))).not.toThrow(),
  );

  it.each([
    [null],
    ['absent'],
    [[]],
    [{}],
    [{ kind: 'socket' }],
    [{ kind: 'absent', more: 1 }],
    [bare],
    [{ ...directory, more: 1 }],
    [{ ...directory, mode: 0o10000 }],
    [{ ...directory, mode: -1 }],
    [{ ...directory, mode: 1.5 }],
    [{ ...directory, user: 'b\0b' }],
    [{ ...directory, group: '€' }],
    [{ ...directory, user: 'b'.repeat(257) }],
    [{ ...directory, attributes: 'a'.repeat(200_001) }],
    [{ ...directory, attributes: null }],
    [{ ...link, target: '' }],
    [{ ...link, target: 'a'.repeat(4097) }],
    [{ ...link, mtime: 1 }],
    [{ ...file, mtime: '1e3' }],
    [{ ...file, mtime: '1'.repeat(21) }],
    [{ ...file, size: -1 }],
    [{ ...file, size: 2 ** 53 }],
    [{ ...file, digest: 'A'.repeat(32) }],
    [{ ...file, digest: 'a'.repeat(31) }],
    [{ ...file, place: 'cur:2,S/..' }],
    [{ ...file, more: 'new' }],
  ])('of %j is refused', (state) => expect(read(offered(state))).toThrow());

  it.each([
    [[0, 'home/bob/a', 1, 2, directory, false]],
    [[0, 'home/bob/a', 1, 2, directory, false, -1, 0]],
    [[0, 'home/bob/a', 1, 2, directory, 0, -1]],
    [[0, 'home/bob/a', 1, 2, directory, false, -2]],
    [[0, 'home/bob/a', 1, 2, directory, false, 1024 * 1024 + 1]],
    [[0, 'home/bob/a', 0.5, 2, directory, false, -1]],
    [[0, 'home/bob/a', -1, 2, directory, false, -1]],
    [[-1, 'home/bob/a', 1, 2, directory, false, -1]],
    [[0, 1, 1, 2, directory, false, -1]],
    [{ length: 7 }],
    [null],
  ])('as %j is refused', (offer) => expect(read(offer)).toThrow());
});
