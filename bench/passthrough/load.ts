import { Agent, request } from 'node:https';
import { familyCpuSeconds } from '../fanout/child.ts';
import { leanCalls } from './lean.ts';

/** One way to a master: directly, through Tandem, or through nginx with one worker or one for each core. */
export interface Way {
  readonly name: 'direct' | 'tandem' | 'nginx' | 'nginx auto';
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

function pathOf(fn: Asked): string {
  return `/json-api/${queries[fn]}`;
}

function once(agent: Agent, way: Way, fn: Asked): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const { port, authorization } = way;
    const options = { agent, host: '127.0.0.1', port, path: pathOf(fn), headers: { authorization } };
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
  /** With `lanes` callers at once, made as a program makes them. */
  readonly perSecond: number;
  /** How much of one core those callers took meanwhile: near 1 they are what bounds the rate. */
  readonly callerBusy: number;
  /** With `lanes` callers at once that cost next to nothing. */
  readonly leanPerSecond: number;
  /** Processor time of the answering process and its children for one call, ms. */
  readonly cpuMs: number;
}

export interface Effort {
  readonly single: number;
  readonly many: number;
  readonly lanes: number;
}

async function lasting(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Calls one after the other for the latency, then many at once for the rates. The certificates are the benchmark's own. */
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
    const ownBefore = process.cpuUsage();
    const ms = await lasting(() => Promise.all(Array.from({ length: effort.lanes }, lane)));
    const own = process.cpuUsage(ownBefore);
    const cpuMs = ((familyCpuSeconds(way.pid) - begun) * 1000) / (effort.single + effort.many);
    const leanMs = await lasting(() => leanCalls(way, pathOf(fn), effort.many, effort.lanes));
    return {
      times: times.slice(times.length / 10),
      perSecond: (effort.many * 1000) / ms,
      callerBusy: (own.user + own.system) / 1000 / ms,
      leanPerSecond: (effort.many * 1000) / leanMs,
      cpuMs,
    };
  } finally {
    agent.destroy();
  }
}
