import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { mastersOf } from '../../../src/masters.ts';
import { startSimulator } from '../../../src/simulator/index.ts';
import { openProbe } from '../../../src/verify/probe.ts';
import { type Recording, recordingsIn } from '../../../src/verify/recording.ts';
import { replay } from '../../../src/verify/replay.ts';
import { openSide } from '../../../src/verify/side.ts';
import { throwAwayValues } from '../../../src/verify/throwaway.ts';
import { tempDir } from '../../support/processes.ts';
import { newKey } from './stage.ts';

/** One folder for each server that was recorded. */
const root = 'test/fixtures/verify';
const folders = existsSync(root) ? readdirSync(root) : [];

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function played(recordings: readonly Recording[]): Promise<readonly string[]> {
  const { path, remove } = tempDir();
  closing.push(remove);
  const version = recordings[0]?.version ?? '';
  const hostname = 'm1.example.net';
  const simulator = await startSimulator({ id: 'm1', stateDir: path, listen: '127.0.1.1', hostname, version });
  closing.push(() => simulator.close());
  const [url, cpanel] = [new URL(simulator.whmUrl), new URL(simulator.cpanelUrl)];
  const master = { id: 'm1', name: 'M1', site: 'london', hostname, address: url.hostname };
  const probe = openProbe({
    ...{ id: 'm1', hostname, connect: url.hostname, concurrency: 1 },
    ...{ port: Number(url.port), cpanelPort: Number(cpanel.port) },
    credentials: { kind: 'token', user: 'root', token: simulator.rootToken },
    tls: { kind: 'ca', pem: simulator.ca },
  });
  closing.push(() => probe.close());
  const values = await throwAwayValues(master, newKey);
  const other = { ...master, id: 'm2', name: 'M2', address: '127.0.1.2' };
  const signal = new AbortController().signal;
  return replay(recordings, openSide({ probe, values, master, masters: mastersOf([master, other]), signal }));
}

describe('recordings', () => {
  it('there is one', () => {
    expect(folders.length).toBeGreaterThan(0);
  });

  it.each(folders)('%s: the simulator answers the same requests in the same shape', async (folder) => {
    const recordings = await recordingsIn(join(root, folder));
    expect(recordings.flatMap((one) => one.steps).length).toBeGreaterThan(150);
    expect(await played(recordings)).toEqual([]);
  });

  it('a recording that differs from the simulator fails', async () => {
    const recordings = await recordingsIn(join(root, folders[0] ?? ''));
    const texts = JSON.stringify(recordings)
      .replaceAll('"diskquota":', '"disk_quota":')
      .replaceAll('"step":"mail.list"', '"step":"mail.nolist"');
    // What was JSON is JSON still.
    const changed = JSON.parse(texts) as readonly Recording[];
    expect((await played(changed)).join('\n')).toMatch(
      /ftp\.list-disk: .*disk_?quota[\s\S]*mail\.nolist: the contract has no such step/u,
    );
  });
});
