import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Running, run } from '../../../test/support/processes.ts';
import { freeWay, type Making, silence, type Tool } from './tool.ts';

/** The settings that people use for "two-way": newer files only, deletions while it runs, a second of gathering. */
function settings(dir: string, from: string, to: string, ssh: string): string {
  return `settings { logfile = "${dir}/lsyncd.log", statusFile = "${dir}/lsyncd.status", nodaemon = true, insist = true, maxProcesses = 4 }
sync { default.rsync, source = "${from}/", target = "root@127.0.0.1:${to}/", delay = 1, delete = "running",
  rsync = { archive = true, update = true, rsh = "ssh ${ssh}" } }
`;
}

/** Two instances of lsyncd, one each way. */
export async function lsyncdTool({ roundTripMs, patienceMs }: Making): Promise<Tool> {
  const way = await freeWay(roundTripMs);
  const { dir, home, line } = way.pair;
  const running: Running[] = [];
  async function begin(side: 0 | 1): Promise<void> {
    const file = join(dir, `lsyncd${side}.lua`);
    writeFileSync(file, settings(join(dir, `m${side + 1}`), home[side], home[side === 0 ? 1 : 0], way.options));
    running.push(run('lsyncd', [file]));
  }
  return {
    ...way.pair,
    name: 'lsyncd x2',
    start: () => begin(0),
    async started() {
      await begin(1);
      await silence(line, patienceMs);
    },
    settle: () => silence(line, patienceMs),
    kept: async () => '',
    async stop() {
      for (const one of running) await one.end('SIGTERM');
      await way.close();
    },
  };
}
