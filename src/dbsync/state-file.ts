/** What the watch knows, in a file: for the portal and metrics, which hold no credentials of database servers. */
import { z } from 'zod';
import { stateFile } from '../state-file.ts';

const direction = z.object({
  from: z.string(),
  to: z.string(),
  kind: z.string(),
  /** Milliseconds; null where it is not known. */
  lagMs: z.number().nullable(),
  waiting: z.number(),
  sentence: z.string(),
});

const schema = z.object({
  /** Milliseconds since 1970. */
  at: z.number(),
  directions: z.array(direction),
  servers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      up: z.boolean(),
      databases: z.number(),
      binlogBytes: z.number(),
      readOnly: z.boolean(),
    }),
  ),
  errant: z.number(),
  warnings: z.array(z.object({ code: z.string(), sentence: z.string() })),
  /** [time, lag of each direction in ms], oldest first; ten seconds apart, six hours. */
  history: z.array(z.object({ at: z.number(), lagMs: z.array(z.number().nullable()) })),
  conflicts: z.number(),
  /** The newest of them, in words. */
  newest: z
    .array(
      z.object({
        at: z.number(),
        where: z.string(),
        kind: z.string(),
        winner: z.string(),
        by: z.string(),
        images: z.record(z.string(), z.string()),
        reason: z.string(),
      }),
    )
    .optional(),
});

export type DatabasesState = z.output<typeof schema>;

/** Where the watch keeps it. */
export const databasesState = stateFile<DatabasesState>(schema);

function line(name: string, labels: Readonly<Record<string, string>>, value: number | null): string {
  const shown = Object.entries(labels).map(([key, text]) => `${key}="${text.replaceAll(/["\\\n]/g, '_')}"`);
  return `${name}${shown.length === 0 ? '' : `{${shown.join(',')}}`} ${value === null ? 'NaN' : value}`;
}

function family(name: string, help: string, lines: readonly string[]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines].join('\n');
}

/** Prometheus' text format. `now`: ms since 1970; a state that is old is said to be so. tandem_pg: PostgreSQL's. */
export function metricsText(
  state: DatabasesState,
  now: number,
  prefix: 'tandem_db' | 'tandem_pg' = 'tandem_db',
): string {
  const ways = state.directions.map((one) => [{ from: one.from, to: one.to }, one] as const);
  const kinds = ['steady', 'lagging', 'cut', 'paused', 'stopped', 'lost', 'not-set-up', 'unknown'];
  const text = `${[
    family('tandem_db_state_age_seconds', 'Age of the other figures', [
      line('tandem_db_state_age_seconds', {}, (now - state.at) / 1000),
    ]),
    family(
      'tandem_db_lag_seconds',
      'How far a direction is behind, by a beat',
      ways.map(([way, one]) => line('tandem_db_lag_seconds', way, one.lagMs === null ? null : one.lagMs / 1000)),
    ),
    family(
      'tandem_db_waiting_transactions',
      'Logged by one master, not yet applied by the other',
      ways.map(([way, one]) => line('tandem_db_waiting_transactions', way, one.waiting)),
    ),
    family(
      'tandem_db_verdict',
      '1 for the state that a direction is in',
      ways.flatMap(([way, one]) =>
        kinds.map((kind) => line('tandem_db_verdict', { ...way, kind }, one.kind === kind ? 1 : 0)),
      ),
    ),
    family(
      'tandem_db_up',
      '1 while the database server answers',
      state.servers.map((one) => line('tandem_db_up', { master: one.id }, one.up ? 1 : 0)),
    ),
    family(
      'tandem_db_binlog_bytes',
      'Size of the binary logs',
      state.servers.map((one) => line('tandem_db_binlog_bytes', { master: one.id }, one.binlogBytes)),
    ),
    family(
      'tandem_db_databases',
      'Schemas on the server',
      state.servers.map((one) => line('tandem_db_databases', { master: one.id }, one.databases)),
    ),
    family('tandem_db_errant_transactions', 'GTIDs of neither master', [
      line('tandem_db_errant_transactions', {}, state.errant),
    ]),
    family('tandem_db_conflicts', 'Rows that both masters changed during a cut, since Tandem was installed', [
      line('tandem_db_conflicts', {}, state.conflicts),
    ]),
    family('tandem_db_warnings', 'Warnings that stand now', [line('tandem_db_warnings', {}, state.warnings.length)]),
  ].join('\n')}\n`;
  return prefix === 'tandem_db' ? text : text.replaceAll('tandem_db_', `${prefix}_`);
}
