/** One order in a process of its own, which kills itself at a named point. */
import { inlinePlanner, threadPlanner } from '../../../src/failover/apply/planner.ts';
import type { PublishOrder } from '../../../src/failover/publish/model.ts';
import { moves, open } from './directory.ts';

const [base = '', dir = '', order = '', point = '', threads = '0', ahead = ''] = process.argv.slice(2);
const planner = threads === '0' ? inlinePlanner(moves) : threadPlanner(moves, Number(threads));
const publish = await open(base, dir, [], {
  planner,
  ...(ahead === '' ? {} : { ahead: ['m1', 'm2'] }),
  crash: (at) => {
    if (at === point) process.kill(process.pid, 'SIGKILL');
  },
});
const { signal } = new AbortController();
if (ahead !== '') await publish.ahead(signal);
const wanted: PublishOrder = JSON.parse(order);
const outcome = await publish.bring(wanted, signal, { confirmed: true });
process.stdout.write(`${JSON.stringify(outcome)}\n`);
await publish.close();
