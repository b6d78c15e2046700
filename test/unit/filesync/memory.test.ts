import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { giveBack, shownFiles } from '../../../src/filesync/memory.ts';
import { openNative } from '../../../src/filesync/native.ts';

function mapped(head: string, anonymous = 0, swap = 0): string {
  return `${head}\nSize: 8 kB\nAnonymous: ${String(anonymous).padStart(8)} kB\nSwap: ${String(swap).padStart(8)} kB\nVmFlags: rd mr\n`;
}

it('finds what shows files as they lie on disk, and nothing that was written to', () => {
  const smaps = [
    mapped('00b72000-025fe000 r-xp 00772000 fe:00 21544 /opt/a folder/node'),
    mapped('7fa603800000-7fa603dc0000 r--s 00000000 fe:00 21716 /var/lib/state/data.mdb'),
    // Relocated by the loader, then made read-only; and the same, swapped out.
    mapped('7fa627c40000-7fa627c41000 r--p 00000000 fe:00 9 /usr/lib/libc.so.6', 4),
    mapped('7fa627c42000-7fa627c43000 r--p 00000000 fe:00 9 /usr/lib/libc.so.6', 0, 4),
    mapped('7fa627c44000-7fa627c45000 rw-p 00000000 fe:00 9 /usr/lib/libc.so.6'),
    mapped('7fa627c46000-7fa627c47000 rw-s 00000000 fe:00 8 /var/lib/state/lock.mdb'),
    mapped('7fa627c48000-7fa627c49000 r--p 00000000 00:00 0'),
    mapped('7fa627c50000-7fa627c51000 r-xp 00000000 00:00 0 [vdso]'),
    mapped('7fa627c52000-7fa627c53000 r-xs 00000000 00:01 7 anon_inode:thing'),
  ];
  expect(shownFiles(smaps.join(''))).toEqual([
    { from: 0xb72000n, length: 0x1a8c000n },
    { from: 0x7fa603800000n, length: 0x5c0000n },
  ]);
});

it('gives the pages of files back, and goes on as before', () => {
  const fileKb = (): number => Number(/^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
  const native = openNative();
  const before = fileKb();
  giveBack(native);
  expect(fileKb()).toBeLessThan(before / 2);
  expect(createHash('sha256').update('still here').digest('hex')).toMatch(/^[0-9a-f]{64}$/);
  giveBack(native);
});
