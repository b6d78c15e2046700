import { Gauge, Histogram, Registry } from 'prom-client';
import type { Operations, OperationView, Reads } from '../../operations/model.ts';

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

/** `failed` is told about an operation that could not be read for its latency. */
export function metricsOf(operations: Operations, reads: Reads, failed: (error: unknown) => void): Metrics {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const legs = gauge('tandem_legs', 'Unfinished legs by master and state', ['master', 'state']);
  const masters = gauge('tandem_master_up', '1 reachable, 0 breaker open or parked', ['master', 'state']);
  const open = gauge('tandem_operations_open', 'Operations that are not final');
  const held = gauge('tandem_operations_held', 'Operations that wait for a person');
  const drift = gauge('tandem_drift', 'Known differences between the masters');
  const lamp = gauge('tandem_light', '0 redundant, 1 behind, 2 read-only, 3 degraded, 4 down');
  const workers = gauge('tandem_workers', 'Live workers');
  const observe = latencyOf(registry);
  const stop = operations.watch((id) => {
    operations.get(id).then(observe, failed);
  });
  async function refresh(): Promise<void> {
    const status = await reads.status();
    legs.reset();
    masters.reset();
    for (const master of status.masters) {
      legs.set({ master: master.id, state: 'waiting' }, master.backlog - master.held);
      legs.set({ master: master.id, state: 'held' }, master.held);
      masters.set({ master: master.id, state: master.state }, master.state === 'reachable' ? 1 : 0);
    }
    open.set(status.open);
    held.set(status.held);
    drift.set(status.drift);
    lamp.set(light[status.light]);
    workers.set(status.workers);
  }
  return {
    contentType: registry.contentType,
    close: stop,
    async text() {
      await refresh();
      return await registry.metrics();
    },
  };
}
