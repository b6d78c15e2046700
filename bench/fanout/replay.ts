/** Makes recorded calls with the settings of the product's client: its own sender, kept connections, one pool a server. */
import { openMasterPool } from '../../src/whm/connection.ts';
import { senderOf } from '../../src/whm/transport.ts';
import type { CallGroup } from './call-log.ts';
import type { Target } from './servers.ts';

export interface Replayer {
  /** The calls of one leg, one after the other. */
  play(group: CallGroup): Promise<void>;
  close(): Promise<void>;
}

export const deadlineMs = 60_000;

export function replayerOf(target: Target, inFlight: number): Replayer {
  const connections = openMasterPool(
    {
      hostname: target.hostname,
      connect: '127.0.0.1',
      port: target.port,
      tls: { kind: 'ca', pem: target.ca },
      connectTimeoutMs: 10_000,
      idleMs: 15_000,
    },
    inFlight,
  );
  const headers = {
    Host: target.hostname,
    Authorization: 'whm root:BENCH',
    'Content-Type': 'application/x-www-form-urlencoded',
  };
  const send = senderOf({ pool: connections.pool, headers, maxBytes: 50_000_000 });
  return {
    async play(group) {
      for (const [path, body] of group.calls) {
        const { bytes } = await send({ method: 'POST', path, body, timeoutMs: deadlineMs });
        JSON.parse(bytes.toString('utf8'));
      }
    },
    close: () => connections.destroy(),
  };
}
