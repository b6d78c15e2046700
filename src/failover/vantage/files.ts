import type { WatchPlace } from '../../config-watch.ts';
import type { GateProvider } from '../watch/gate.ts';
import { askVantage, VantageFailed } from './ssh.ts';

/** What the agents of file sync say of a return, asked on both masters through their vantage. */

const shape = /^files (open|closed) (\d{1,15}|unknown) (.{0,200})$/;
/** As the agent itself has it: more than this is a lag that the return's own limit judges. */
const agentsLimitMs = 10_000;

/** The lag that one agent tells, milliseconds. Throws when it says that files are not to be relied on. */
export function filesLag(master: string, answer: string): number {
  const found = shape.exec(answer);
  if (found === null) throw new VantageFailed(`${master} answers “${answer.slice(0, 100)}” for its files`);
  const [, word, lag, why] = found;
  const lagMs = lag === 'unknown' ? undefined : Number(lag);
  if (lagMs === undefined || (word === 'closed' && lagMs <= agentsLimitMs))
    throw new VantageFailed(`${master}: ${why}`);
  return lagMs;
}

/**
 * Both agents must answer: what the returning master lacks the other one knows, and the other way round. Where a master
 * has no ssh nobody knows, and the return stays closed until a person overrides `files`.
 */
export function filesGate(places: readonly WatchPlace[]): GateProvider {
  const masters = places.filter(({ kind }) => kind === 'master');
  return {
    name: 'file sync',
    async facts(_master, signal) {
      const lags = await Promise.all(
        masters.map(async ({ id, ssh }) => {
          if (ssh === undefined)
            throw new VantageFailed(`${id} has no ssh in the configuration: its files are not known`);
          return filesLag(id, await askVantage(ssh, ['files'], signal));
        }),
      );
      return { fileLagMs: Math.max(...lags) };
    },
  };
}
