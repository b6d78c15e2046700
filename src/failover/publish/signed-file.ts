import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { type OneByOne, oneByOne } from '../../one-by-one.ts';
import { replaceFile } from '../apply/files.ts';
import { type Found, signedReport } from './signatures.ts';

/** What is known of signed zones, kept over a restart: a switch right after it must not wait until it is looked up again. */

/** A signed zone as it was found last. */
export interface Known extends Found {
  /** Since when it has not been sound; 0 where it is. */
  readonly since: number;
}

/** Where it is kept. */
export interface Kept {
  /** What was known when it was opened; undefined where nothing was ever looked up. */
  readonly known: readonly Known[] | undefined;
  /** Puts on the disk what is known now, unless it stands there. Never rejects. */
  keep(known: ReadonlyMap<string, Known>): Promise<void>;
}

const number = z.int().min(0);
const ds = z.object({ keyTag: number, algorithm: number, digestType: number, digest: z.hex() });
const kept = z.object({
  zones: z.array(
    z.object({
      zone: z.string(),
      isSound: z.boolean(),
      since: z.number(),
      message: z.string(),
      ds: z.array(ds).optional(),
    }),
  ),
});

function textOf(known: ReadonlyMap<string, Known>): string {
  const zones = [...known.values()].map(({ zone, isSound, since, report, ds: above }) => {
    // A resolver answers in any order.
    const sorted = above?.map((one) => ({ ...one, digest: one.digest.toString('hex') }));
    sorted?.sort((a, b) => (a.digest < b.digest ? -1 : 1));
    return { zone, isSound, since, message: report.message, ...(sorted === undefined ? {} : { ds: sorted }) };
  });
  zones.sort((a, b) => (a.zone < b.zone ? -1 : 1));
  return `${JSON.stringify({ zones })}\n`;
}

function parsed(text: string): readonly Known[] {
  return kept.parse(JSON.parse(text)).zones.map(({ zone, isSound, since, message, ds: above }) => ({
    zone,
    isSound,
    since,
    report: signedReport(zone, message),
    ds: above?.map((one) => ({ ...one, digest: Buffer.from(one.digest, 'hex') })),
  }));
}

/** Reads what was kept; a file that is damaged is worth as much as none, since all of it is looked up again. */
export async function openKept(file: string, log: Logger): Promise<Kept> {
  const run: OneByOne = oneByOne();
  let text = '';
  let known: readonly Known[] | undefined;
  try {
    text = await readFile(file, 'utf8');
    known = parsed(text);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) log.warn({ file, reason: messageOf(error) }, 'what was known of signed zones cannot be read');
  }
  return {
    known,
    keep: (now) =>
      run(async () => {
        const fresh = textOf(now);
        if (fresh === text) return;
        try {
          await replaceFile(file, fresh);
          text = fresh;
        } catch (error) {
          // The next look tries again; until then only a restart would miss it.
          log.warn({ file, reason: messageOf(error) }, 'what is known of signed zones cannot be kept');
        }
      }),
  };
}

/** Kept nowhere. */
export const notKept: Kept = { known: undefined, keep: async () => {} };
