/** Warnings of a node that has the journal: what its status says, told to people. */
import { systemClock } from '../clock.ts';
import { driftAlarms } from '../drift/alarms.ts';
import { certificatesInStep } from '../drift/certificates.ts';
import { standingFindings } from '../drift/findings.ts';
import { lastRuns } from '../drift/runs.ts';
import { loop } from '../loop.ts';
import type { Notifier } from '../notify/notifier.ts';
import { notifyFolder, openNotifier } from '../notify/open.ts';
import { type Alarm, alarmsOf } from '../operations/alarms.ts';
import type { Core } from './core.ts';
import { databaseAlarms } from './databases/alarms.ts';
import { filesAlarms } from './filesync/alarms.ts';

/** A fault shorter than this is no reason to wake anybody: most are over by then. */
const LASTING_MS = 60_000;
const LOOK_MS = 5000;

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
  const differences = rarely(() => driftAlarmsNow(core));
  loop({
    name: 'alarms',
    everyMs: LOOK_MS,
    turn: () => compare(core, notifier, differences),
    signal: lifecycle.signal,
    clock: systemClock,
    log,
  });
  return notifier;
}

/** Differences change at the pace of comparisons: looked at once a minute. */
const RARELY_MS = 60_000;

function rarely(look: () => Promise<readonly Alarm[]>): () => Promise<readonly Alarm[]> {
  let last: { readonly at: number; readonly alarms: readonly Alarm[] } | undefined;
  return async () => {
    const at = systemClock.now();
    if (last === undefined || at - last.at >= RARELY_MS) last = { at, alarms: await look() };
    return last.alarms;
  };
}

async function driftAlarmsNow({ deps, config }: Core): Promise<readonly Alarm[]> {
  const runs = await lastRuns(deps, 20);
  return driftAlarms({
    certificates: await certificatesInStep(deps),
    standing: await standingFindings(deps),
    compared: runs.find(({ endedAt }) => endedAt !== undefined)?.endedAt,
    nightly: config.drift.nightlyAt !== 'off',
    now: systemClock.now(),
  });
}

const ours = /^(away|parked|held|db|files|certificates|drift):/;

/** Raises what is the case and clears what is no longer. */
async function compare(core: Core, notifier: Notifier, differences: () => Promise<readonly Alarm[]>): Promise<void> {
  const now = systemClock.now();
  const alarms = [
    ...alarmsOf(await core.reads.status(), now),
    ...(await databaseAlarms(core.config, now)),
    ...(await filesAlarms(core.config, now)),
    ...(await differences()),
  ];
  for (const alarm of alarms) {
    if (!alarm.key.startsWith('away:') || now - alarm.at >= LASTING_MS) await notifier.raise(alarm);
  }
  const still = new Set(alarms.map((alarm) => alarm.key));
  for (const event of notifier.events()) {
    if (event.over !== undefined || !ours.test(event.key) || still.has(event.key)) continue;
    await notifier.clear(event.key, now, `no longer: ${event.sentence}`);
  }
}
