/** The watcher's states as Nagios knows states. Pure. */
import type { Result } from '../checks/model.ts';
import type { CheckStatus, WatchStatus } from '../watch/status.ts';
import { type PluginSaid, worst } from './plugin.ts';

/** What of a status somebody asks for. */
export type Question =
  | { readonly about: 'pair' }
  | { readonly about: 'master'; readonly id: string }
  | { readonly about: 'check'; readonly id: string };

const lights: Readonly<Record<WatchStatus['light'], Result>> = {
  redundant: 'ok',
  degraded: 'critical',
  'failed-over': 'warning',
  unknown: 'unknown',
};

const checkResults: Readonly<Record<string, Result>> = {
  ok: 'ok',
  warning: 'warning',
  critical: 'critical',
  unknown: 'unknown',
};

/** One believed state as a plug-in says it. What nobody has looked at yet is UNKNOWN. */
export function stateOf(status: WatchStatus, question: Question): PluginSaid {
  if (!status.running) return { result: 'critical', text: `no watcher runs on ${status.node}`, figures: [] };
  switch (question.about) {
    case 'pair':
      return pairState(status);
    case 'master':
      return masterState(status, question.id);
    case 'check':
      return checkState(status, question.id);
  }
}

function pairState(status: WatchStatus): PluginSaid {
  const silent = status.others.filter((one) => !one.answers);
  const result = worst([
    lights[status.light],
    silent.length > 0 ? 'warning' : 'ok',
    status.conflict.length > 0 ? 'critical' : 'ok',
  ]);
  const said = silent.map((one) => `; ${one.id} does not answer`).join('');
  return { result, text: `${status.sentence}${said}`, figures: [{ label: 'epoch', value: status.epoch, unit: 'c' }] };
}

function masterState(status: WatchStatus, id: string): PluginSaid {
  const master = status.masters.find((one) => one.id === id);
  if (master === undefined) return { result: 'unknown', text: `no master is called ${id}`, figures: [] };
  const mine = status.checks.filter((one) => one.master === id);
  const figures = mine.map((one) => ({ label: one.id, value: one.ms, unit: 'ms' }));
  return {
    result: worst(mine.map((one) => (one.vital ? believed(one) : softened(believed(one))))),
    text: master.sentence,
    figures,
  };
}

/** What is not vital never makes a master critical. */
function softened(result: Result): Result {
  return result === 'critical' ? 'warning' : result;
}

function believed(one: CheckStatus): Result {
  return checkResults[one.hard] ?? 'unknown';
}

function checkState(status: WatchStatus, id: string): PluginSaid {
  const found = status.checks.find((one) => one.id === id);
  if (found === undefined) return { result: 'unknown', text: `no check is called ${id}`, figures: [] };
  const text = found.text === '' ? 'nothing was seen yet' : found.text;
  return { result: believed(found), text, figures: [{ label: 'time', value: found.ms, unit: 'ms' }] };
}

/** Every service that Tandem tells an existing Nagios of: host, description, and how to ask for it. */
export function servicesOf(status: WatchStatus): readonly { host: string; service: string; question: Question }[] {
  const masters = status.masters.map(({ id }) => ({
    host: id,
    service: 'Tandem',
    question: { about: 'master' as const, id },
  }));
  const checks = status.checks
    .filter((one) => one.master !== undefined)
    .map((one) => ({
      host: one.master ?? '',
      service: `Tandem ${one.id.replace(`${one.master}/`, '')}`,
      question: { about: 'check' as const, id: one.id },
    }));
  return [{ host: 'tandem', service: 'Pair', question: { about: 'pair' } }, ...masters, ...checks];
}
