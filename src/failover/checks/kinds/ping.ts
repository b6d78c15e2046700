import { execFile } from 'node:child_process';
import { z } from 'zod';
import { port } from '../../../config-types.ts';
import { dial } from '../dial.ts';
import { type CheckAround, type CheckKind, critical, type Finding, ok } from '../kind.ts';

const params = z.strictObject({
  /** Asked by TCP where this machine has no ping; a refusal is an answer too. */
  port: port.default(443),
});

type Pinged = 'answered' | 'silent' | 'no-ping';

/** Debian's and Red Hat's ping: exit 0 an answer, 1 none, else it could not be asked. */
function systemPing(host: string, around: CheckAround): Promise<Pinged> {
  const seconds = Math.max(1, Math.ceil(around.timeoutMs / 1000));
  return new Promise((resolve, reject) => {
    execFile('ping', ['-n', '-q', '-c', '1', '-W', String(seconds), '--', host], { signal: around.signal }, (error) => {
      if (error === null) resolve('answered');
      else if (around.signal.aborted) reject(around.signal.reason);
      else resolve(error.code === 1 ? 'silent' : 'no-ping');
    });
  });
}

async function byTcp(host: string, given: { readonly port: number }, around: CheckAround): Promise<Finding> {
  try {
    return await dial({ host, port: given.port }, around, async () => ok('answers by TCP'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED')
      return ok('answers by TCP: refused');
    throw error;
  }
}

/** Whether a host answers at all. */
export const ping: CheckKind<z.output<typeof params>> = {
  kind: 'ping',
  params,
  example: '{ id: gateway, kind: ping, host: 192.0.2.1 }',
  port: () => undefined,
  async run(host, given, around) {
    const said = await systemPing(host, around);
    if (said === 'no-ping') return byTcp(host, given, around);
    return said === 'answered' ? ok('answers ping') : critical('does not answer ping');
  },
};
