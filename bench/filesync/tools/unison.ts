import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Running, run } from '../../../test/support/processes.ts';
import { freeWay, type Making, silence, type Tool } from './tool.ts';

function profile(dir: string, home: readonly [string, string], ssh: string): string {
  return `root = ${home[0]}
root = ssh://root@127.0.0.1/${home[1]}
servercmd = env UNISON=${dir}/m2/unison UNISONLOCALHOSTNAME=m2 unison
sshargs = ${ssh}
auto = true
batch = true
times = true
owner = true
group = true
perms = -1
prefer = newer
copyonconflict = true
confirmbigdel = false
fastcheck = true
log = false
ignorelocks = true
repeat = 1
`;
}

/**
 * Unison with \`-repeat 1\`: Debian has no unison-fsmonitor. A lock that a lost connection leaves is ignored and a run
 * that failed begins again, or the pair would stand still from its first cut on.
 */
export async function unisonTool({ roundTripMs, patienceMs }: Making): Promise<Tool> {
  const way = await freeWay(roundTripMs);
  const { dir, home, line } = way.pair;
  const script = join(dir, 'unison.sh');
  let running: Running | undefined;
  return {
    ...way.pair,
    name: 'unison',
    async start() {
      for (const side of ['m1', 'm2']) mkdirSync(join(dir, side, 'unison'), { recursive: true });
      writeFileSync(join(dir, 'm1/unison/pair.prf'), profile(dir, home, way.options));
      const again = `trap 'kill $!; exit 0' TERM
while :; do unison pair -ui text -contactquietly >>${dir}/unison.log 2>&1 </dev/null & wait $!; sleep 2; done
`;
      writeFileSync(script, `#!/bin/bash\n${again}`, { mode: 0o755 });
      const env = { ...process.env, UNISON: join(dir, 'm1/unison'), UNISONLOCALHOSTNAME: 'm1' };
      running = run(script, [], { env });
    },
    started: () => silence(line, patienceMs),
    settle: () => silence(line, patienceMs),
    kept: async () => '',
    async stop() {
      await running?.end('SIGTERM');
      await way.close();
    },
  };
}
