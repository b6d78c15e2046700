import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

const noise = randomBytes(1 << 20);

/** Half text and half noise, as a file of a site is half of what packs well. */
function content(n: number): Buffer {
  const length = 1024 + ((n * 2654435761) % 7168);
  const text = Buffer.from(`<?php /* file ${n} */\n`.repeat(1 + (length >> 5))).subarray(0, length >> 1);
  const from = (n * 7919) % (noise.length - length);
  return Buffer.concat([text, noise.subarray(from, from + length - text.length)]);
}

/** Folders of the tree that the rows work in, besides those with its files. */
export const users = Array.from({ length: 8 }, (_, n) => `user${n}`);

/**
 * Lays out files of 1 to 8 KB, 45 in a directory, as 100,000 in 2,240 directories: the tree of shared homes. Answers
 * their paths below the root.
 */
export function layOut(root: string, files: number): readonly string[] {
  const folders = Math.max(1, Math.round(files / 45));
  const paths: string[] = [];
  for (const user of users) mkdirSync(`${root}/${user}/public_html`, { recursive: true });
  for (let n = 0; n < files; n++) {
    const folder = n % folders;
    const path = `${users[folder % users.length]}/public_html/p${folder % 5}/d${folder}`;
    if (n < folders) mkdirSync(`${root}/${path}`, { recursive: true });
    const name = `${path}/f${n}.${n % 3 === 0 ? 'html' : 'php'}`;
    writeFileSync(`${root}/${name}`, content(n));
    utimesSync(`${root}/${name}`, 1_600_000_000 + n, 1_600_000_000 + n);
    paths.push(name);
  }
  return paths;
}

/** Makes the second side equal to the first before anybody watches. */
export async function copyOver(home: readonly [string, string]): Promise<void> {
  await promisify(execFile)('cp', ['-a', `${home[0]}/.`, `${home[1]}/`]);
}
