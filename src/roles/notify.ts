/** Warnings of a node that has the journal: what its status says, told to people. */
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { loop } from '../loop.ts';
import type { Notifier } from '../notify/notifier.ts';
import { openNotifier } from '../notify/open.ts';
import { alarmsOf } from '../operations/alarms.ts';
import type { Core } from './core.ts';
import { databaseAlarms } from './databases/alarms.ts';

/** A fault shorter than this is no reason to wake anybody: most are over by then. */
const LASTING_MS = 60_000;
const LOOK_MS = 5000;

/** The folder of a node's warnings, below its state. */
export function notifyFolder(stateDir: string): string {
  return join(stateDir, 'notify');
}

/** Starts warning, if somebody is to be warned. Stops with the core. */
export async function startNotify(core: Core): Promise<Notifier | undefined> {
  const { config, log, lifecycle } = core;
  if (config.notify === undefined) return undefined;
  const notifier = await openNotifier({
    config: config.notify,
    node: config.node,
    folder: notifyFolder(config.stateDir),
    signal: lifecycle.signal,
    clock: systemClock,
    log,
  });
  lifecycle.onClose('notify', () => notifier.ended);
  loop({
    name: 'alarms',
    everyMs: LOOK_MS,
    turn: () => compare(core, notifier),
    signal: lifecycle.signal,
    clock: systemClock,
    log,
  });
  return notifier;
}

const ours = /^(away|parked|held|db):/;

/** Raises what is the case and clears what is no longer. */
async function compare(core: Core, notifier: Notifier): Promise<void> {
  const now = systemClock.now();
  const alarms = [...alarmsOf(await core.reads.status(), now), ...(await databaseAlarms(core.config, now))];
  for (const alarm of alarms) {
    if (!alarm.key.startsWith('away:') || now - alarm.at >= LASTING_MS) await notifier.raise(alarm);
  }
  const still = new Set(alarms.map((alarm) => alarm.key));
  for (const event of notifier.events()) {
    if (event.over !== undefined || !ours.test(event.key) || still.has(event.key)) continue;
    await notifier.clear(event.key, now, `no longer: ${event.sentence}`);
  }
}
