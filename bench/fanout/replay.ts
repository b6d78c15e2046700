/** Makes recorded calls with the settings of the product's client: axios on its own https adapter, keep-alive, one pool a server. */
import { Axios } from 'axios';
import { MasterAgent } from '../../src/whm/connection.ts';
import { httpsAdapter } from '../../src/whm/transport.ts';
import type { CallGroup } from './call-log.ts';
import type { Target } from './servers.ts';

export interface Replayer {
  /** The calls of one leg, one after the other. */
  play(group: CallGroup): Promise<void>;
  close(): void;
}

export const deadlineMs = 60_000;

export function replayerOf(target: Target): Replayer {
  const agent = new MasterAgent({
    hostname: target.hostname,
    connect: '127.0.0.1',
    port: target.port,
    tls: { kind: 'ca', pem: target.ca },
    connectTimeoutMs: 10_000,
    idleMs: 15_000,
  });
  const headers = { Authorization: 'whm root:BENCH', 'Content-Type': 'application/x-www-form-urlencoded' };
  const adapter = httpsAdapter({ agent, host: target.hostname, port: target.port, headers, maxBytes: 50_000_000 });
  const http = new Axios({ adapter, timeout: deadlineMs });
  return {
    async play(group) {
      for (const [path, body] of group.calls) JSON.parse(String((await http.post(path, body)).data));
    },
    close: () => agent.destroy(),
  };
}
