import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import type { FilePair } from '../../test/support/filesync.ts';
import { type Took, until } from './rows.ts';

const messages = 24;
const nameOf = (n: number): string => `170000${1000 + n}.M${n}P1.m${(n % 2) + 1}`;

/**
 * i: messages are delivered on both sides in turn, and each is read on the other. Answers how long after the last change
 * both sides were right, and how many messages are doubled, missing or without their flag in the end.
 */
export async function mail(
  { home }: FilePair,
  settle: () => Promise<void>,
  limitMs: number,
): Promise<{ took: Took; wrong: number }> {
  const box = (side: number): string => `${home[side === 0 ? 0 : 1]}/user0/mail/box`;
  for (const folder of ['tmp', 'new', 'cur']) mkdirSync(`${box(0)}/${folder}`, { recursive: true });
  await until(() => ['new', 'cur'].every((folder) => existsSync(`${box(1)}/${folder}`)), limitMs);
  mkdirSync(`${box(1)}/tmp`, { recursive: true });
  for (let n = 0; n < messages; n++) {
    writeFileSync(`${box(n % 2)}/tmp/${nameOf(n)}`, `Subject: ${n}\n\n${'text '.repeat(200)}\n`);
    renameSync(`${box(n % 2)}/tmp/${nameOf(n)}`, `${box(n % 2)}/new/${nameOf(n)}`);
  }
  await settle();
  for (let n = 0; n < messages; n++) {
    const at = box((n + 1) % 2);
    if (existsSync(`${at}/new/${nameOf(n)}`)) renameSync(`${at}/new/${nameOf(n)}`, `${at}/cur/${nameOf(n)}:2,S`);
  }
  const wrong = (): number => wrongIn(box(0)) + wrongIn(box(1));
  return { took: await until(() => wrong() === 0, limitMs), wrong: wrong() };
}

function wrongIn(box: string): number {
  const [fresh, read] = [readdirSync(`${box}/new`), readdirSync(`${box}/cur`)];
  const wanted = new Set(Array.from({ length: messages }, (_, n) => `${nameOf(n)}:2,S`));
  const extra = read.filter((name) => !wanted.has(name));
  return fresh.length + extra.length + [...wanted].filter((name) => !read.includes(name)).length;
}
