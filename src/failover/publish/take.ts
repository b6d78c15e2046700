import { lstat, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { besideOf, syncFolder } from '../apply/files.ts';
import { statesOf } from '../apply/ledger.ts';
import { lineOfState } from '../apply/state-line.ts';
import { zoneBytes } from '../zone/lexer.ts';
import { applyEdits, type Zone } from '../zone/model.ts';
import { parseZone } from '../zone/parse.ts';
import { isPreSigned } from '../zone/reports.ts';
import { nextSerial, setSerial } from '../zone/serial.ts';
import { runProgram } from './program.ts';
import type { Opened } from './run.ts';

/** Writes what a master itself wrote in place of what is published. */

interface Composed {
  readonly zone: string;
  readonly text: string;
  readonly line: string;
}

/** A file's text, one character a byte; undefined where there is none. */
export async function textAt(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function withSerial(zone: Zone, serial: number): string {
  return applyEdits(zone.text, [setSerial(zone, serial)]);
}

/** The text to publish from a master's own; undefined when it says the same, or must be left alone. */
async function compose(
  opened: Opened,
  master: string,
  name: string,
  text: string,
  answered: readonly number[],
): Promise<Composed | undefined> {
  const { deps, ledger } = opened;
  const source = parseZone(text, name);
  if (!source.ok || isPreSigned(source.zone)) {
    const reason = source.ok ? 'it is signed in its file' : `line ${source.line}: ${source.reason}`;
    deps.log.warn({ zone: name, master, reason }, 'zone of a master was left alone');
    return undefined;
  }
  const there = await textAt(join(deps.dir, `${name}.db`));
  const old = there === undefined ? undefined : parseZone(there, name);
  const before = old?.ok === true ? old.zone.serial : 0;
  if (there !== undefined && withSerial(source.zone, before) === there) return undefined;
  const known = [source.zone.serial, ...(before === 0 ? [] : [before]), ...answered];
  const [first = source.zone.serial, ...rest] = known;
  const after = known.length === 1 ? first : nextSerial([first, ...rest], deps.clock.now());
  const [state] = statesOf(ledger.known(name));
  const fresh = { zone: name, home: master, to: master, before, after, changes: [], care: state?.care ?? [] };
  return { zone: name, text: withSerial(source.zone, after), line: lineOfState(fresh) };
}

async function writeBeside(dir: string, { zone, text }: Composed, syncs: boolean): Promise<void> {
  const name = `${zone}.db`;
  const mode = await lstat(join(dir, name)).then(
    (stats) => stats.mode & 0o777,
    () => 0o644,
  );
  const handle = await open(besideOf(dir, name), 'w', mode);
  try {
    await handle.writeFile(zoneBytes(text));
    if (syncs) await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** From so many zones on, all are put on the disk at once. */
const syncTogetherFrom = 20;

/** Texts of a master take the place of the published ones, journalled first; the guard finds the files and has them loaded. */
export async function takeZones(
  opened: Opened,
  master: string,
  texts: ReadonlyMap<string, string>,
  serials: ReadonlyMap<string, readonly number[]>,
  signal: AbortSignal,
): Promise<void> {
  const { deps, ledger } = opened;
  const composed: Composed[] = [];
  for (const [zone, text] of texts) {
    const one = await compose(opened, master, zone, text, serials.get(zone) ?? []);
    if (one !== undefined) composed.push(one);
  }
  if (composed.length === 0) return;
  const together = composed.length >= syncTogetherFrom;
  for (const one of composed) await writeBeside(deps.dir, one, !together);
  if (together) await runProgram('sync', ['-f', deps.dir], { signal });
  await ledger.append(composed.map(({ line }) => line));
  for (const { zone } of composed) await rename(besideOf(deps.dir, `${zone}.db`), join(deps.dir, `${zone}.db`));
  await syncFolder(deps.dir);
  deps.log.info({ master, zones: composed.length }, 'zones taken from a master');
}
