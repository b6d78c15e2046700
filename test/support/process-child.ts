/**
 * A node of its own, for tests that kill or freeze it: opens the core from a configuration file, runs a worker if asked,
 * does what its lines of standard input say, and answers each with a line. `tandem worker` in every part that counts.
 */
import { createInterface } from 'node:readline';
import { loadConfig } from '../../src/config.ts';
import { environment } from '../../src/environment.ts';
import { createLifecycle } from '../../src/lifecycle.ts';
import { createLogger } from '../../src/log.ts';
import type { Actor, Choice, Request } from '../../src/operations/model.ts';
import { type Core, openCore, secretFields } from '../../src/roles/core.ts';
import { crashAt } from '../../src/roles/crash.ts';
import { openLegJournal } from '../../src/roles/leg-journal.ts';
import { openWorker } from '../../src/roles/worker.ts';

/** One thing to do, as it stands on a line. */
export type Order =
  | { readonly do: 'accept'; readonly request: Request }
  | {
      readonly do: 'choose';
      readonly id: string;
      readonly master: string;
      readonly choice: Choice;
      readonly actor: Actor;
    }
  | { readonly do: 'withdraw'; readonly id: string; readonly actor: Actor };

const [file = '', kind = 'worker'] = process.argv.slice(2);
const config = loadConfig({ file, env: environment() });
const log = createLogger({ level: config.log.level, redact: secretFields() });
const lifecycle = createLifecycle({ log });
const core = await openCore({
  config,
  log,
  lifecycle,
  crash: crashAt(config.crashAt),
  redisUrl: config.redis.kind === 'url' ? config.redis.url : undefined,
});
if (kind === 'worker') await openWorker(core, openLegJournal(core));
process.stdout.write('ready\n');

async function carryOut({ operations }: Core, order: Order): Promise<string> {
  switch (order.do) {
    case 'accept':
      return (await operations.accept(order.request)).id;
    case 'choose':
      return (await operations.choose(order.id, order.master, order.choice, order.actor)).id;
    case 'withdraw':
      return (await operations.withdraw(order.id, order.actor)).id;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  // Written by the test as exactly this type.
  const order = JSON.parse(line) as Order;
  carryOut(core, order).then(
    (id) => process.stdout.write(`ok ${id}\n`),
    (error: unknown) => process.stdout.write(`error ${String(error)}\n`),
  );
}
await lifecycle.closeAll();
