import { readFileSync } from 'node:fs';
import type { Native } from './native.ts';

/** A part of this process's memory: an address, and how many bytes from there. */
export interface Stretch {
  readonly from: bigint;
  readonly length: bigint;
}

const head = /^([0-9a-f]+)-([0-9a-f]+) r-[x-][ps] \S+ \S+ [1-9]\d* +\//;

/**
 * The stretches of /proc/PID/smaps, proc(5), that show files as they lie on disk and cannot be written to: the program, its
 * libraries, the database. What was changed after it was read (`Anonymous`, perhaps swapped out since) is none of them.
 */
export function shownFiles(smaps: string): readonly Stretch[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((one) => {
    const [, from, to] = head.exec(one) ?? [];
    const isChanged = !/^Anonymous: +0 kB$/m.test(one) || !/^Swap: +0 kB$/m.test(one);
    if (from === undefined || to === undefined || isChanged) return [];
    return [{ from: BigInt(`0x${from}`), length: BigInt(`0x${to}`) - BigInt(`0x${from}`) }];
  });
}

/**
 * Gives back what an agent at rest does not use: what was collected and freed, and its hold on pages of files, which stay
 * in the system's cache as long as nobody needs the memory and come back when they are touched.
 */
export function giveBack(native: Native): void {
  // The package starts Node with --expose-gc. What one collection leaves to be swept in the background, such as the bytes
  // of buffers, the next one frees. Only in a last resort does Node 24 let go of what it has emptied: half of an agent.
  for (let n = 0; n < 2; n++) void globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  native.trimMemory();
  for (const stretch of shownFiles(readFileSync('/proc/self/smaps', 'latin1'))) native.letGo(stretch);
}
