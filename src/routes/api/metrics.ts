import { Gauge, Histogram, Registry } from 'prom-client';
import type { MasterStatus, Operations, OperationView, Reads, Status } from '../../operations/model.ts';

/** The numbers that monitoring reads. */
export interface Metrics {
  /** Text in Prometheus' format. Asks the journal once per call. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Stops following the operations. */
  close(): void;
}

const light = { redundant: 0, behind: 1, 'read-only': 2, degraded: 3, down: 4 } as const;

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

/** Each operation is observed once: the first time that it is seen decided. */
function latencyOf(registry: Registry) {
  const histogram = new Histogram({
    name: 'tandem_operation_decided_seconds',
    help: 'From accepted to decided, by action and result',
    labelNames: ['action', 'state'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers: [registry],
  });
  const seen = new Set<string>();
  return (view: OperationView | undefined): void => {
    if (view?.decidedAt === undefined || seen.has(view.id)) return;
    seen.add(view.id);
    const oldest = seen.values().next().value;
    if (seen.size > 50_000 && oldest !== undefined) seen.delete(oldest);
    const state = view.state === 'following' ? 'done' : view.state;
    histogram.observe({ action: view.action, state }, secondsBetween(view.acceptedAt, view.decidedAt));
  };
}

const breaker = { reachable: 'closed', unreachable: 'open', parked: 'parked' } as const;

function gaugesOf(registry: Registry) {
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  return {
    journal: gauge(
      'tandem_journal_up',
      '1 while the journal can be read; the other figures are the last ones otherwise',
    ),
    legs: gauge('tandem_legs', 'Unfinished legs by master and state', ['master', 'state']),
    oldest: gauge('tandem_oldest_leg_seconds', 'Age of the oldest unfinished leg; 0 when there is none', ['master']),
    up: gauge('tandem_master_up', '1 while calls go to this master', ['master']),
    state: gauge('tandem_master_breaker', '1 for the state that the breaker is in', ['master', 'state']),
    since: gauge('tandem_master_state_since_seconds', 'When that state began, seconds since 1970', ['master']),
    version: gauge('tandem_master_info', 'Always 1; the label is the version that WHM tells', ['master', 'version']),
    open: gauge('tandem_operations_open', 'Operations that are not final'),
    held: gauge('tandem_legs_held', 'Legs that wait for a person, on all masters'),
    drift: gauge('tandem_drift', 'Known differences between the masters'),
    light: gauge('tandem_light', '0 redundant, 1 behind, 2 read-only, 3 degraded, 4 down'),
    redis: gauge('tandem_redis_up', '1 while this process reaches Redis'),
    workers: gauge('tandem_workers', 'Live workers'),
  };
}

type Gauges = ReturnType<typeof gaugesOf>;

function setMaster(gauges: Gauges, master: MasterStatus, now: number): void {
  const label = { master: master.id };
  gauges.legs.set({ ...label, state: 'waiting' }, master.backlog - master.held);
  gauges.legs.set({ ...label, state: 'held' }, master.held);
  gauges.oldest.set(
    label,
    master.oldest === undefined ? 0 : secondsBetween(master.oldest, new Date(now).toISOString()),
  );
  gauges.up.set(label, master.state === 'reachable' ? 1 : 0);
  for (const [state, word] of Object.entries(breaker)) {
    gauges.state.set({ ...label, state: word }, master.state === state ? 1 : 0);
  }
  gauges.since.set(label, Math.max(0, Date.parse(master.since) / 1000 || 0));
  if (master.version !== undefined) gauges.version.set({ ...label, version: master.version }, 1);
}

function setAll(gauges: Gauges, status: Status, now: number): void {
  // A master that is no longer configured, or a version that was updated, must not stay.
  for (const gauge of [gauges.legs, gauges.oldest, gauges.up, gauges.state, gauges.since, gauges.version])
    gauge.reset();
  for (const master of status.masters) setMaster(gauges, master, now);
  gauges.open.set(status.open);
  gauges.held.set(status.held);
  gauges.drift.set(status.drift);
  gauges.light.set(light[status.light]);
  gauges.redis.set(status.redis === 'up' ? 1 : 0);
  gauges.workers.set(status.workers);
}

/**
 * `failed` is told what could not be read: an operation for its latency, or the journal. `now` is in milliseconds since
 * 1970. Without the journal the text is still given, and says so.
 */
export function metricsOf(
  operations: Operations,
  reads: Reads,
  failed: (error: unknown) => void,
  now: () => number = Date.now,
): Metrics {
  const registry = new Registry();
  const gauges = gaugesOf(registry);
  const observe = latencyOf(registry);
  const stop = operations.watch((id) => {
    operations.get(id).then(observe, failed);
  });
  return {
    contentType: registry.contentType,
    close: stop,
    async text() {
      try {
        setAll(gauges, await reads.status(), now());
        gauges.journal.set(1);
      } catch (error) {
        failed(error);
        gauges.journal.set(0);
      }
      return await registry.metrics();
    },
  };
}
