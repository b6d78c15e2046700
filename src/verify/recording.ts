import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Disguise, disguiseOf } from './disguise.ts';
import type { Evidence, Step, Values } from './model.ts';

/** One area's steps as one server answered them, without anything that tells whose it was. */
export interface Recording {
  readonly version: string;
  readonly steps: readonly Evidence[];
}

export interface Recorder {
  /** Keeps what the master gave; the simulator's texts may stand as they are. */
  note(step: Step, master: Evidence, simulator: Evidence | undefined): Promise<void>;
}

interface About {
  readonly version: string;
  readonly values: Values;
  readonly target: { readonly hostname: string; readonly address: string; readonly connect?: string };
}

/** Writes AREA.json into `dir`, after each step, so that a run that is stopped leaves what it saw. */
export async function recorderIn(dir: string, about: About): Promise<Recorder> {
  await mkdir(dir, { recursive: true });
  const disguise: Disguise = disguiseOf(about.values, about.target);
  const byArea = new Map<string, Evidence[]>();
  async function write(area: string): Promise<void> {
    // A line for each step, so that a difference between two recordings can be read.
    const lines = (byArea.get(area) ?? []).map((step) => JSON.stringify(step)).join(',\n');
    const text = `{"version":${JSON.stringify(about.version)},"steps":[\n${lines}\n]}\n`;
    await writeFile(join(dir, `${area}.json`), text);
  }
  return {
    async note(step, master, simulator) {
      const area = master.step.split('.')[0] ?? 'other';
      const steps = byArea.get(area) ?? [];
      steps.push(disguise.evidence(step, master, simulator));
      byArea.set(area, steps);
      await write(area);
    },
  };
}

/** Every recording in a folder: one set of areas a folder. */
export async function recordingsIn(dir: string): Promise<readonly Recording[]> {
  const files = (await readdir(dir)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(dir, name), 'utf8')));
  // Written by recorderIn; a wrong file fails the replay.
  return texts.map((text) => JSON.parse(text) as Recording);
}
