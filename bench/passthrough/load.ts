import { Agent, request } from 'node:https';
import { familyCpuSeconds } from '../fanout/child.ts';

/** One way to a master: directly, through Tandem, or through nginx. */
export interface Way {
  readonly name: 'direct' | 'tandem' | 'nginx';
  readonly port: number;
  readonly authorization: string;
  /** The process that answers. */
  readonly pid: number;
}

export const functionsAsked = ['version', 'accountsummary', 'listaccts'] as const;
export type Asked = (typeof functionsAsked)[number];

const queries: Readonly<Record<Asked, string>> = {
  version: 'version?api.version=1',
  accountsummary: 'accountsummary?api.version=1&user=a1',
  listaccts: 'listaccts?api.version=1',
};

function once(agent: Agent, way: Way, fn: Asked): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const { port, authorization } = way;
    const options = { agent, host: '127.0.0.1', port, path: `/json-api/${queries[fn]}`, headers: { authorization } };
    request(options, (response) => {
      let size = 0;
      let head = '';
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (head.length < 400) head += chunk.toString('utf8');
      });
      response.on('end', () => {
        if (response.statusCode === 200 && size > 20 && !/"result":0/.test(head)) resolve(performance.now() - started);
        else reject(new Error(`${way.name} ${fn}: ${response.statusCode} ${head}`));
      });
    })
      .on('error', reject)
      .end();
  });
}

export interface Measured {
  /** Of calls one after the other, ms. */
  readonly times: readonly number[];
  /** With `lanes` callers at once. */
  readonly perSecond: number;
  /** Processor time of the answering process and its children for one call, ms. */
  readonly cpuMs: number;
}

export interface Effort {
  readonly single: number;
  readonly many: number;
  readonly lanes: number;
}

/** Calls one after the other for the latency, then many at once for the rate. The certificates are the benchmark's own. */
export async function measure(way: Way, fn: Asked, effort: Effort): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: effort.lanes, rejectUnauthorized: false });
  try {
    const times: number[] = [];
    const begun = familyCpuSeconds(way.pid);
    for (let n = 0; n < effort.single; n += 1) times.push(await once(agent, way, fn));
    let left = effort.many;
    async function lane(): Promise<void> {
      while (left > 0) {
        left -= 1;
        await once(agent, way, fn);
      }
    }
    const started = performance.now();
    await Promise.all(Array.from({ length: effort.lanes }, lane));
    const perSecond = (effort.many * 1000) / (performance.now() - started);
    const cpuMs = ((familyCpuSeconds(way.pid) - begun) * 1000) / (effort.single + effort.many);
    return { times: times.slice(times.length / 10), perSecond, cpuMs };
  } finally {
    agent.destroy();
  }
}
