import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { mostDigests } from './compare.ts';
import { mailUser } from './mailboxes.ts';
import type { Version } from './model.ts';
import {
  arePackedOffers,
  isBytes,
  isCount,
  longestKey,
  mostBody,
  mostOffers,
  type PackedOffer,
  shortestKey,
  type WireOffer,
} from './wire-offer.ts';

/**
 * The protocol between the two agents: frames of a JSON header and bytes. All is bounded before it is read, and checked
 * before it is used: the peer is not trusted.
 *
 *   4 bytes header length · 4 bytes body length · 1 byte flags (1: header is deflated) · header · body
 */

/** The peer sent what no agent sends. The connection is ended. */
export class BadFrame extends AppError {
  readonly code = 'filesync.bad-frame';
  readonly retry = 'later';
}

export const protocol = 1;
const mostHeader = 2 * 1024 * 1024;
/** Up to here deflating takes both sides more than the bytes are worth. */
const shortHeader = 1000;

/** Characters are bytes, and none is zero. */
const byteText = z.string().max(4096).refine(isBytes, 'no bytes');
const key = byteText.min(shortestKey).max(longestKey);
const count = z.int().nonnegative();
const version = z.tuple([count, count]).readonly();
const verdict = z.enum(['ok', 'want', 'crossed', 'later', 'stopped', 'refused']);

/** Offers as they go over the line: in order of their keys, neighbours are much alike. */
function packedOf(offers: readonly WireOffer[]): PackedOffer[] {
  let [before, was]: [string, Version] = ['', [0, 0]];
  return offers.map(([name, made, ...rest]) => {
    let shared = 0;
    while (shared < name.length && name[shared] === before[shared]) shared += 1;
    const one: PackedOffer = [shared, name.slice(shared), made[0] - was[0], made[1] - was[1], ...rest];
    [before, was] = [name, made];
    return one;
  });
}

/** What is put together of two checked offers is checked again: a key's length, and both numbers of a version. */
function unpacked(all: readonly PackedOffer[], context: z.RefinementCtx): WireOffer[] {
  let [before, was]: [string, Version] = ['', [0, 0]];
  return all.map(([shared, rest, first, second, ...others]) => {
    before = before.slice(0, shared) + rest;
    was = [was[0] + first, was[1] + second];
    const isSound = before.length >= shortestKey && before.length <= longestKey && was.every(isCount);
    if (!isSound) context.addIssue('no key or version');
    return [before, was, ...others];
  });
}

export const message = z.discriminatedUnion('is', [
  z.strictObject({
    is: z.literal('hello'),
    protocol: z.int(),
    side: z.union([z.literal(1), z.literal(2)]),
    trees: z.array(z.string().max(64)).max(64),
  }),
  z.strictObject({
    is: z.literal('offers'),
    frame: count,
    offers: z.custom<readonly PackedOffer[]>(arePackedOffers).transform(unpacked),
  }),
  z.strictObject({ is: z.literal('answers'), answers: z.array(z.tuple([key, version, verdict])).max(mostOffers) }),
  /** All offers of this frame and those before it, but for what was answered otherwise, are done and on disk. */
  z.strictObject({ is: z.literal('done'), frame: count }),
  z.strictObject({
    is: z.literal('move'),
    id: count,
    from: key,
    to: key,
    count,
    records: z.int().max(10_000_000),
    digest: z.string().regex(/^[0-9a-f]{32}$/),
  }),
  z.strictObject({ is: z.literal('moved'), id: count, ok: z.boolean() }),
  z.strictObject({ is: z.literal('ready'), id: z.string().regex(/^[0-9a-f]{32}$/), key, version }),
  z.strictObject({
    is: z.literal('bulk'),
    id: z.string().regex(/^[0-9a-f]{32}$/),
    step: z.enum(['basis', 'sent', 'done', 'failed']),
  }),
  /** Digests of all directories with keys after `after` and up to `until` ('': the end); and which of them differ. */
  z.strictObject({
    is: z.literal('digests'),
    id: count,
    after: byteText.max(1900),
    until: byteText.max(1900),
    all: z.array(z.tuple([byteText.min(1).max(1900), z.string().max(32)])).max(mostDigests),
  }),
  z.strictObject({
    is: z.literal('differing'),
    id: count,
    directories: z.array(byteText.min(1).max(1900)).max(100_000),
  }),
  /** An account goes on here: what waits for it may come. */
  z.strictObject({ is: z.literal('again'), unit: key }),
  /** A mailbox changed here that is no Maildir; said to the side that dials. */
  z.strictObject({ is: z.literal('mailbox'), unit: key, user: z.string().regex(mailUser) }),
  z.strictObject({ is: z.literal('ping'), at: z.number() }),
  z.strictObject({ is: z.literal('pong'), at: z.number(), now: z.number() }),
]);

export type Message = z.output<typeof message>;

export interface Frame {
  readonly message: Message;
  readonly body: Buffer;
}

/** The beginning of a frame; a body of so many bytes follows it. */
export function headOf(said: Message, bodyLength: number): Buffer {
  const plain = Buffer.from(JSON.stringify(said.is === 'offers' ? { ...said, offers: packedOf(said.offers) } : said));
  const deflated = plain.length > shortHeader ? deflateRawSync(plain, { level: 3 }) : undefined;
  const header = deflated ?? plain;
  const head = Buffer.alloc(9);
  head.writeUInt32BE(header.length, 0);
  head.writeUInt32BE(bodyLength, 4);
  head[8] = deflated === undefined ? 0 : 1;
  return Buffer.concat([head, header]);
}

/** How many bytes some parts are together. */
export function lengthOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** A frame as bytes. */
export function encode(said: Message, parts: readonly Buffer[] = []): Buffer {
  const head = headOf(said, lengthOf(parts));
  return parts.length === 0 ? head : Buffer.concat([head, ...parts]);
}

function decode(header: Buffer, deflated: boolean): Message {
  try {
    const text = deflated ? inflateRawSync(header, { maxOutputLength: 8 * mostHeader }) : header;
    return message.parse(JSON.parse(text.toString()));
  } catch (cause) {
    throw new BadFrame('the peer sent something that is no message', { cause });
  }
}

/** Collects bytes and answers whole frames. Throws BadFrame; nothing may be fed to it afterwards. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private size = 0;
  private need = 9;

  push(chunk: Buffer): Frame[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const frames: Frame[] = [];
    while (this.size >= this.need) {
      const frame = this.next();
      if (frame !== undefined) frames.push(frame);
    }
    return frames;
  }

  private next(): Frame | undefined {
    const all = this.chunks.length === 1 ? (this.chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.chunks);
    this.chunks = [all];
    const [header, body] = [all.readUInt32BE(0), all.readUInt32BE(4)];
    if (header > mostHeader || body > mostBody) throw new BadFrame('the peer sent a frame that is too large');
    this.need = 9 + header + body;
    if (all.length < this.need) return undefined;
    const frame = {
      message: decode(all.subarray(9, 9 + header), all[8] === 1),
      body: all.subarray(9 + header, this.need),
    };
    this.chunks = [all.subarray(this.need)];
    this.size = all.length - this.need;
    this.need = 9;
    return frame;
  }
}
