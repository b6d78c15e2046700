import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Running, run, untilReady } from '../../../test/support/processes.ts';
import { freeWay, type Making, silence, type Tool } from './tool.ts';

/**
 * One rsync of the whole tree a second after an event, as it was always done. What comes first runs below this shell
 * as well: a program that the benchmark itself waits for would not be among the tool's processes.
 */
function script(from: string, to: string, ssh: string, first: string): string {
  return `#!/bin/bash
${first}
exec 3< <(exec inotifywait -m -q -r -e close_write,create,delete,move --format x ${from})
watcher=$!
trap 'kill "$watcher" "$sender" 2>/dev/null; exit 0' TERM
while read -r _ <&3; do
  while read -r -t 1 _ <&3; do ((++k % 2000 == 0)) && break; done
  rsync -au --delete --timeout=20 -e "ssh ${ssh}" ${from}/ root@127.0.0.1:${to}/ &
  sender=$!
  wait "$sender"
done
`;
}

/** inotifywait and `rsync -au --delete` of the whole tree, on each side, over a kept ssh connection. */
export async function loopTool({ roundTripMs, patienceMs }: Making): Promise<Tool> {
  const way = await freeWay(roundTripMs);
  const { dir, home, line } = way.pair;
  const loops: Running[] = [];
  function loop(side: 0 | 1, first = ''): Running {
    const file = join(dir, `loop${side}.sh`);
    writeFileSync(file, script(home[side], home[side === 0 ? 1 : 0], way.options, first), { mode: 0o755 });
    const begun = run(file, []);
    loops.push(begun);
    return begun;
  }
  return {
    ...way.pair,
    name: 'rsync loop',
    async start() {
      const ssh = `ssh ${way.options.replace(/-o Control\S+/g, '')}`;
      const whole = `rsync -a -e '${ssh}' ${home[0]}/ root@127.0.0.1:${home[1]}/ || exit 1; echo level`;
      const begun = loop(0, whole);
      // A tool that cannot even begin would look like a slow one: it is an error.
      await untilReady(begun, async () => begun.output().includes('level'), 1_200_000);
    },
    async started() {
      loop(1);
      await silence(line, patienceMs);
    },
    settle: () => silence(line, patienceMs),
    kept: async () => '',
    async stop() {
      for (const one of loops) await one.end('SIGTERM');
      await way.close();
    },
  };
}
