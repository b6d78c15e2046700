/**
 * Keeps a state on disk: `snapshot.json` and, since then, one line of changes per answered call in `changes.jsonl`;
 * effects in `effects.jsonl`. A call's lines are handed to the kernel before its answer leaves, so a killed process
 * forgets nothing that was answered. It does not fsync: a power cut may lose the last seconds.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Effect } from './referee.ts';
import type { Change, Dump, StateCore } from './state.ts';

/** A new snapshot is written when the changes' file has grown beyond this many bytes. */
const COMPACT_BYTES = 16 * 1024 * 1024;

interface Line {
  readonly seq: number;
  readonly changes: readonly Change[];
  /** The effect that these changes are: in the same line, so that no kill can part them. */
  readonly effect?: Effect;
}

interface Snapshot {
  readonly seq: number;
  readonly tables: Dump;
}

export interface Store {
  /** Effects of earlier runs. */
  readonly effects: readonly Effect[];
  /** Whether there was a state to go on from. */
  readonly existed: boolean;
  persist(changes: readonly Change[], effect?: Effect): void;
  /** Writes the whole state anew; after it was replaced. */
  snapshot(): void;
  close(): void;
}

/** Whole lines of a file as JSON; a torn last line is left out. */
function readLines<T>(file: string): readonly T[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.pop();
  // The files are written by this module alone.
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}

/** Cuts a torn last line off, so that the next one starts on its own. */
function trimTorn(file: string): void {
  if (!existsSync(file)) return;
  const text = readFileSync(file);
  const end = text.lastIndexOf(0x0a) + 1;
  if (end === text.length) return;
  const fd = openSync(file, 'r+');
  ftruncateSync(fd, end);
  closeSync(fd);
}

function load(dir: string, state: StateCore): number {
  const file = join(dir, 'snapshot.json');
  let seq = 0;
  if (existsSync(file)) {
    // As above: our own file.
    const snapshot = JSON.parse(readFileSync(file, 'utf8')) as Snapshot;
    state.replace(snapshot.tables);
    seq = snapshot.seq;
  }
  for (const line of readLines<Line>(join(dir, 'changes.jsonl'))) {
    if (line.seq <= seq) continue;
    state.apply(line.changes);
    seq = line.seq;
  }
  return seq;
}

/** All effects; those whose changes were written just before a kill are taken from there and written too. */
function completeEffects(effectsFile: string, changesFile: string): readonly Effect[] {
  const known = readLines<Effect>(effectsFile);
  const last = known.at(-1)?.n ?? 0;
  const missed = readLines<Line>(changesFile).flatMap(({ effect }) =>
    effect !== undefined && effect.n > last ? [effect] : [],
  );
  if (missed.length > 0) appendFileSync(effectsFile, missed.map((effect) => `${JSON.stringify(effect)}\n`).join(''));
  return [...known, ...missed];
}

/** Opens (or makes) the state directory and fills `state` from it. */
export function openStore(dir: string, state: StateCore): Store {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const changesFile = join(dir, 'changes.jsonl');
  const effectsFile = join(dir, 'effects.jsonl');
  trimTorn(changesFile);
  trimTorn(effectsFile);
  const existed = existsSync(changesFile) || existsSync(join(dir, 'snapshot.json'));
  let seq = load(dir, state);
  const effects = completeEffects(effectsFile, changesFile);
  const changesFd = openSync(changesFile, 'a', 0o600);
  const effectsFd = openSync(effectsFile, 'a', 0o600);
  let bytes = existed ? readFileSync(changesFile).length : 0;

  function snapshot(): void {
    const file = join(dir, 'snapshot.json');
    const whole: Snapshot = { seq, tables: state.dump() };
    writeFileSync(`${file}.new`, JSON.stringify(whole), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    ftruncateSync(changesFd, 0);
    bytes = 0;
  }

  return {
    effects,
    existed,
    persist(changes, effect) {
      if (changes.length === 0) return;
      seq += 1;
      const line: Line = effect === undefined ? { seq, changes } : { seq, changes, effect };
      bytes += writeSync(changesFd, `${JSON.stringify(line)}\n`);
      if (effect !== undefined) writeSync(effectsFd, `${JSON.stringify(effect)}\n`);
      if (bytes > COMPACT_BYTES) snapshot();
    },
    snapshot,
    close() {
      closeSync(changesFd);
      closeSync(effectsFd);
    },
  };
}
