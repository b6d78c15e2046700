/** Several commands in one request, and how long things take. */
import { whm } from '../../whm/call.ts';
import { functions } from '../../whm/functions/index.ts';
import type { Facts, Side, Step } from '../model.ts';
import { reads, told } from './build.ts';

const nobody = 'accountsummary?user=nobodyhasthisname';

function longestMs(fn: string): number {
  return (functions.get('whm', fn)?.longestSeconds ?? 0) * 1000;
}

/** Whether some reads came within the time that the table gives them. */
async function timed(side: Side): Promise<Facts> {
  const late: string[] = [];
  for (const fn of ['version', 'listaccts', 'listpkgs', 'listzones']) {
    const reply = await side.send({
      port: 'whm',
      path: `/json-api/${fn}`,
      form: [['api.version', '1']],
      sign: { kind: 'ours' },
      reads: whm(fn),
    });
    if (reply.ms > longestMs(fn) / 2) late.push(fn);
  }
  return { late };
}

export const batchSteps: readonly Step[] = [
  reads({
    id: 'batch.good',
    assumption: 'batch answers each command under data.result, in order.',
    call: () => whm('batch', { command: ['version', 'gethostname'] }),
  }),
  {
    id: 'batch.mixed',
    assumption:
      'The outer result of batch stays 1 when one command is refused, so that part of the effect may be there.',
    kind: 'read',
    expect: { outcome: 'in-doubt', because: /1 of 2 commands worked/u },
    run: async (side) => told(await side.call(whm('batch', { command: ['version', nobody] }))),
  },
  {
    id: 'batch.bad',
    assumption: 'When every command is refused nothing was done.',
    kind: 'read',
    expect: { outcome: 'refused', because: /./u },
    run: async (side) => told(await side.call(whm('batch', { command: [nobody, nobody] }))),
  },
  reads({
    id: 'batch.numbered',
    assumption: 'Commands may be numbered: command-0, command-1.',
    call: () => whm('batch', { 'command-0': 'version', 'command-1': 'gethostname' }),
  }),
  {
    id: 'timing.reads',
    assumption: 'Common reads take less than half of the time that Tandem gives them.',
    kind: 'read',
    expect: { late: [] },
    run: timed,
  },
];
