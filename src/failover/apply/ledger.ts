import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../errors.ts';
import { replaceFile } from './files.ts';
import { stateOfLine, type ZoneState, zoneOfLine } from './state-line.ts';

/**
 * What every zone looked like before it was moved. Append-only: a group of lines and a last one with their number and
 * sum, on the disk before the first file of the group is renamed. A group without its last line never took place.
 */

/** The ledger on the disk is not what was written: without it nothing can be returned, so nothing is touched. */
export class LedgerDamaged extends AppError {
  readonly code = 'zones.ledger-damaged';
  readonly retry = 'never';
}

/** The newest state of a zone as a line, and the one that counts if the newest never took place. */
export type Known = readonly [newest: string, before?: string];

export interface Ledger {
  known(zone: string): Known | undefined;
  zones(): Iterable<string>;
  /** Resolves when the lines are on the disk. */
  append(lines: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

function sumOf(lines: readonly string[]): string {
  return createHash('sha1').update(lines.join('\n')).digest('base64');
}

function lastLine(lines: readonly string[]): string {
  return `#${lines.length} ${sumOf(lines)}`;
}

const serialsAt = /"b":(\d+),"a":(\d+)/;

function before(line: string): string | undefined {
  return serialsAt.exec(line)?.[1];
}

/** Two states that began at the same serial: the older one's write never took place. */
function take(all: Map<string, Known>, line: string): void {
  const zone = zoneOfLine(line);
  const [newest, older] = all.get(zone) ?? [];
  const kept = newest !== undefined && before(newest) === before(line) ? older : newest;
  all.set(zone, kept === undefined ? [line] : [line, kept]);
}

interface Read {
  readonly all: Map<string, Known>;
  /** Bytes that are whole groups; what follows is dropped. */
  readonly length: number;
  readonly lines: number;
}

/** Takes every whole group. Throws LedgerDamaged where a broken one is followed by a whole one. */
function readGroups(text: string, file: string): Read {
  const all = new Map<string, Known>();
  let group: string[] = [];
  let [at, length, lines] = [0, 0, 0];
  let torn = false;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
    const line = text.slice(at, end);
    at = end + 1;
    if (!line.startsWith('#')) {
      group.push(line);
      continue;
    }
    const isWhole = line === lastLine(group);
    if (isWhole && torn) {
      const hint = 'Put back the file from a backup. Without it, switch by hand and move the file away.';
      throw new LedgerDamaged(`${file} is damaged before byte ${at}: what was changed in the zones is not known.`, {
        hint,
      });
    }
    if (isWhole) {
      for (const one of group) take(all, one);
      lines += group.length;
      length = at;
    } else torn = true;
    group = [];
  }
  return { all, length, lines };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function groupOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n${lastLine(lines)}\n`;
}

/** Both states of every zone as few lines as can be. */
function compact(all: ReadonlyMap<string, Known>): string {
  const lines = [...all.values()].flatMap(([newest, older]) => (older === undefined ? [newest] : [older, newest]));
  return lines.length === 0 ? '' : groupOf(lines);
}

/** Opens or makes the ledger. A group that was being written when the process died is dropped: nothing came of it. */
export async function openLedger(file: string): Promise<Ledger> {
  await mkdir(dirname(file), { recursive: true });
  const text = await readText(file);
  const { all, length, lines } = readGroups(text, file);
  if (lines > 1000 && lines > 4 * all.size) await replaceFile(file, compact(all));
  else if (length < Buffer.byteLength(text)) await replaceFile(file, text.slice(0, length));
  const handle: FileHandle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
  return {
    known: (zone) => all.get(zone),
    zones: () => all.keys(),
    async append(fresh) {
      if (fresh.length === 0) return;
      const { size } = await handle.stat();
      try {
        await handle.writeFile(groupOf(fresh));
        await handle.datasync();
      } catch (error) {
        // Half a group in the middle would read as damage; behind the end it is nothing.
        await handle.truncate(size);
        throw error;
      }
      for (const one of fresh) take(all, one);
    },
    close: () => handle.close(),
  };
}

/** The states of a zone, newest first. */
export function statesOf(known: Known | undefined): readonly ZoneState[] {
  return known === undefined ? [] : known.flatMap((line) => (line === undefined ? [] : [stateOfLine(line)]));
}
