import { spawn } from 'node:child_process';
import { z } from 'zod';
import { readPlugin } from '../../nagios/plugin.ts';
import type { CheckAround, CheckKind } from '../kind.ts';

const params = z.strictObject({
  command: z.string().regex(/^\/[^\0]+$/, 'must be the whole path of a program'),
  /** `{host}` stands for the address that is checked. Never read by a shell. */
  args: z.array(z.string().max(1000)).max(50).default([]),
});

type Params = z.output<typeof params>;

const mostBytes = 16_384;

/** Runs it with almost no environment; killed with everything it started when its time is over. */
function run(
  { command, args }: Params,
  host: string,
  signal: AbortSignal,
): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      command,
      args.map((arg) => arg.replaceAll('{host}', host)),
      {
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      },
    );
    const stop = (): void => {
      // Its whole group, which a plug-in written as a shell script needs.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    signal.addEventListener('abort', stop, { once: true });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (text.length < mostBytes) text += chunk.toString('utf8');
    });
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      resolve({ code, text: text.slice(0, mostBytes) });
    });
  });
}

async function look(host: string, given: Params, around: CheckAround) {
  const { code, text } = await run(given, host, around.signal);
  const said = readPlugin(code, text);
  return { result: said.result, text: said.text };
}

/** Any Nagios plug-in: its exit code is the result, its first line the text. */
export const plugin: CheckKind<Params> = {
  kind: 'plugin',
  params,
  example: '{ id: raid, kind: plugin, command: /usr/lib/nagios/plugins/check_ssh, args: [-H, "{host}"] }',
  port: () => undefined,
  run: look,
};
