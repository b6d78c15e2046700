/** Several commands in one request, and how long things take. */
import { uapi, whm } from '../../whm/call.ts';
import { functions } from '../../whm/functions/index.ts';
import type { Facts, Json, Side, Step } from '../model.ts';
import { at, makes, reads, told } from './build.ts';

const nobody = 'accountsummary?user=nobodyhasthisname';

const domains = '["DomainInfo","list_domains"]';
const noFn = '["DomainInfo","no_such_function"]';

function statusesOf(data: unknown): Json {
  return Array.isArray(data) ? data.map((one: unknown) => at(one, 'status')) : null;
}

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
  makes({
    id: 'batch.strict',
    assumption: 'Batch::strict takes JSON arrays and answers each command in order.',
    call: (v) => uapi(v.user, 'Batch::strict', { command: [domains, domains] }),
    expect: { statuses: [1, 1] },
    facts: (data) => ({ statuses: statusesOf(data) }),
  }),
  {
    id: 'batch.strict-failure',
    assumption: 'Batch::strict fails as its first command that fails, runs nothing after it, and shows what it ran.',
    checks: ['uapi.batch-strict'],
    kind: 'write',
    needs: 'account',
    expect: { outcome: 'refused', because: /./u, statuses: [1, 0] },
    async run(side) {
      const outcome = await side.call(uapi(side.values.user, 'Batch::strict', { command: [domains, noFn, domains] }));
      const body = outcome.kind === 'refused' ? at(outcome.body, 'data', 'uapi', 'data') : null;
      return { ...told(outcome), statuses: statusesOf(body) };
    },
  },
  {
    id: 'timing.reads',
    assumption: 'Common reads take less than half of the time that Tandem gives them.',
    kind: 'read',
    expect: { late: [] },
    run: timed,
  },
];
