/** The bare loop: a fixed number of legs in flight for each server, nothing else. Arguments: JSON of BareArgs. */
import { readFileSync } from 'node:fs';
import type { BareArgs, BareReply } from './bare.ts';
import type { CallGroup } from './call-log.ts';
import { replayerOf } from './replay.ts';
import type { Target } from './servers.ts';

const args = JSON.parse(process.argv[2] ?? '') as BareArgs;

async function loop(target: Target, groups: readonly CallGroup[]): Promise<void> {
  const replayer = replayerOf(target, args.inFlight);
  let next = 0;
  async function lane(): Promise<void> {
    for (let group = groups[next++]; group !== undefined; group = groups[next++]) await replayer.play(group);
  }
  await Promise.all(Array.from({ length: args.inFlight }, lane));
  await replayer.close();
}

const lists = args.files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as readonly CallGroup[]);
const started = performance.now();
const before = process.cpuUsage();
await Promise.all(args.targets.map((target, index) => loop(target, lists[index] ?? [])));
const { user, system } = process.cpuUsage(before);
const reply: BareReply = { kind: 'done', seconds: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
process.send?.(reply, () => process.disconnect());
