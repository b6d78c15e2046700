import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Chance } from '../../../test/support/chance.ts';
import { quantile } from '../../result.ts';
import { type Figure, pause, seconds, until } from '../clock.ts';
import { cpuSeconds } from '../cost.ts';
import type { Row } from './row.ts';

interface Letter {
  readonly id: string;
  readonly side: 0 | 1;
  readonly text: string;
  readonly at: number;
  /** Where it lies now, below the box. */
  name: string;
}

interface Step {
  readonly at: number;
  run(): void;
}

function deliver(box: string, letter: Letter): void {
  writeFileSync(`${box}/tmp/${letter.id}`, letter.text);
  renameSync(`${box}/tmp/${letter.id}`, `${box}/${letter.name}`);
}

/** Moves it as a mail server does; a tool that has taken it away meanwhile is found out in the end. */
function move(box: string, letter: Letter, name: string): void {
  if (existsSync(`${box}/${letter.name}`)) renameSync(`${box}/${letter.name}`, `${box}/${name}`);
  letter.name = name;
}

/** Seven in ten are read by and by where they came in, and three in ten answered too. */
function later(box: string, letter: Letter, chance: Chance, now: number): readonly Step[] {
  const share = chance.int(10);
  const readAt = now + 300 + chance.int(2500);
  const read: Step = { at: readAt, run: () => move(box, letter, `cur/${letter.id}:2,S`) };
  const answered: Step = {
    at: readAt + 500 + chance.int(2500),
    run: () => move(box, letter, `cur/${letter.id}:2,RS`),
  };
  if (share >= 7) return [];
  return share < 3 ? [read, answered] : [read];
}

/** How many messages are missing, doubled, under another name or of other content in a box. */
function wrongIn(box: string, letters: readonly Letter[]): number {
  const there = ['new', 'cur'].flatMap((folder) => readdirSync(`${box}/${folder}`).map((name) => `${folder}/${name}`));
  const wanted = new Set(letters.map(({ name }) => name));
  const extra = there.filter((name) => !wanted.has(name)).length;
  const bad = letters.filter(({ name, text }) => {
    const path = `${box}/${name}`;
    return !existsSync(path) || readFileSync(path, 'utf8') !== text;
  }).length;
  return extra + bad;
}

/** When each letter was first seen on the other side. */
interface Sightings {
  expect(letter: Letter): void;
  look(): void;
  readonly tookMs: readonly number[];
}

function sightings(boxes: readonly [string, string]): Sightings {
  const unseen = new Map<string, Letter>();
  const tookMs: number[] = [];
  function lookIn(side: 0 | 1, folder: string): void {
    for (const name of readdirSync(`${boxes[side]}/${folder}`)) {
      const letter = unseen.get(name.split(':')[0] ?? '');
      if (letter === undefined || letter.side === side) continue;
      tookMs.push(performance.now() - letter.at);
      unseen.delete(letter.id);
    }
  }
  return {
    expect: (letter) => void unseen.set(letter.id, letter),
    look() {
      for (const side of [0, 1] as const) for (const folder of ['new', 'cur']) lookIn(side, folder);
    },
    tookMs,
  };
}

const perSecond = 20;

/** Lets mail come in on both sides for a while; ends when all of it is where it belongs on its own side. */
async function comeIn(
  boxes: readonly [string, string],
  forMs: number,
  chance: Chance,
  seen: Sightings,
): Promise<readonly Letter[]> {
  const letters: Letter[] = [];
  let steps: readonly Step[] = [];
  function due(): void {
    const now = performance.now();
    for (const step of steps) if (step.at <= now) step.run();
    steps = steps.filter(({ at }) => at > now);
  }
  for (let n = 0; n < (forMs * perSecond) / 1000; n++) {
    for (const side of [0, 1] as const) {
      const id = `${1_700_000_000 + n}.M${n}P${side}.m${side + 1}`;
      const text = `Message-ID: <${id}>\n\n${'text '.repeat(500)}\n`;
      const letter: Letter = { id, side, text, at: performance.now(), name: `new/${id}` };
      deliver(boxes[side], letter);
      letters.push(letter);
      seen.expect(letter);
      steps = [...steps, ...later(boxes[side], letter, chance, letter.at)];
    }
    due();
    if (n % 4 === 0) seen.look();
    await pause(1000 / perSecond);
  }
  for (; steps.length > 0; await pause(10)) due();
  return letters;
}

/** i: mail comes in on both sides, twenty a second each, and is read and answered meanwhile. */
export const mail: Row = {
  letter: 'i',
  async run({ tool, sizes, chance }) {
    const boxes = tool.home.map((home) => `${home}/user3/mail/box`) as [string, string];
    for (const box of boxes)
      for (const folder of ['tmp', 'new', 'cur']) mkdirSync(`${box}/${folder}`, { recursive: true });
    await pause(1000);
    await tool.settle();
    const cpu = cpuSeconds(tool.dir);
    const seen = sightings(boxes);
    const letters = await comeIn(boxes, sizes.mailMs, chance, seen);
    const wrong = (): number => boxes.reduce((sum, box) => sum + wrongIn(box, letters), 0);
    const took = await until(() => wrong() === 0, Math.min(60_000, sizes.limitMs), 50);
    seen.look();
    const of = (share: number): Figure => (seen.tookMs.length === 0 ? 'dnf' : quantile(seen.tookMs, share));
    return {
      mail_exact_s: seconds(took),
      mail_wrong: wrong(),
      mail_seen_p50_ms: of(0.5),
      mail_seen_p95_ms: of(0.95),
      mail_cpu_s: cpuSeconds(tool.dir) - cpu,
    };
  },
};
