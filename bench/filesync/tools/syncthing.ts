import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filePair } from '../../../test/support/filesync.ts';
import { openLine } from '../../../test/support/line.ts';
import { freePort, type Running, run } from '../../../test/support/processes.ts';
import { pause } from '../clock.ts';
import { type Making, silence, type Tool } from './tool.ts';

interface Device {
  readonly id: string;
  readonly listens: number;
  readonly page: number;
  /** Where it dials the other one; only one of them dials, two that dial each other drop both connections. */
  readonly dials: string;
}

function settings(home: string, own: Device, other: Device): string {
  return `<configuration version="35">
<folder id="bench" label="bench" path="${home}" type="sendreceive" rescanIntervalS="3600" fsWatcherEnabled="true" fsWatcherDelayS="1" ignorePerms="false" autoNormalize="true">
<filesystemType>basic</filesystemType><device id="${own.id}"></device><device id="${other.id}"></device><maxConflicts>10</maxConflicts><markerName>.stfolder</markerName></folder>
<device id="${own.id}" name="own"><address>dynamic</address></device>
<device id="${other.id}" name="other"><address>${own.dials}</address></device>
<gui enabled="true" tls="false"><address>127.0.0.1:${own.page}</address><apikey>bench</apikey></gui>
<options><listenAddress>tcp://127.0.0.1:${own.listens}</listenAddress><globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled><relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><urAccepted>-1</urAccepted><crashReportingEnabled>false</crashReportingEnabled><autoUpgradeIntervalH>0</autoUpgradeIntervalH><startBrowser>false</startBrowser><reconnectionIntervalS>5</reconnectionIntervalS><setLowPriority>false</setLowPriority></options>
</configuration>
`;
}

/** Syncthing with a watcher's delay of one second (its own is ten), without relays, discovery and NAT. */
export async function syncthingTool({ roundTripMs, patienceMs }: Making): Promise<Tool> {
  const pair = await filePair({ roundTripMs });
  const { dir, home } = pair;
  const states = [join(dir, 'm1/syncthing'), join(dir, 'm2/syncthing')] as const;
  const env = { ...process.env, HOME: dir, STNODEFAULTFOLDER: '1' };
  const listens = [await freePort(), await freePort()] as const;
  const line = await openLine(listens[1], roundTripMs);
  const devices = await Promise.all(
    states.map(async (state, side): Promise<Device> => {
      mkdirSync(state, { recursive: true });
      execFileSync('syncthing', ['generate', `--home=${state}`], { env, stdio: 'ignore' });
      const id = execFileSync('syncthing', [`--home=${state}`, '--device-id'], { env, encoding: 'utf8' }).trim();
      const dials = side === 0 ? `tcp://127.0.0.1:${line.port}` : 'dynamic';
      return { id, listens: listens[side] ?? 0, page: await freePort(), dials };
    }),
  );
  const [one, two] = devices as [Device, Device];
  const running: Running[] = [];
  return {
    ...pair,
    line,
    name: 'syncthing',
    async start() {
      for (const [side, own, other] of [
        [0, one, two],
        [1, two, one],
      ] as const) {
        mkdirSync(`${home[side]}/.stfolder`, { recursive: true });
        writeFileSync(join(states[side], 'config.xml'), settings(home[side], own, other));
        running.push(run('syncthing', ['serve', '--no-browser', '--no-restart', `--home=${states[side]}`], { env }));
      }
    },
    started: () => silence(line, patienceMs),
    async settle() {
      await pause(2500);
      await silence(line, patienceMs);
    },
    kept: async () => '',
    async stop() {
      for (const program of running) await program.end('SIGTERM');
      await line.close();
      await pair.close();
    },
  };
}
