/** What setup may do, as data, and each in words. */
import type { Gtid } from './gtid.ts';
import type { Wanted } from './settings.ts';

export type Step =
  /** Writes the settings file for a master; restarts its server by `configure` where that is given. */
  | { readonly kind: 'drop-in'; readonly master: string; readonly text: string; readonly restart: readonly Wanted[] }
  | { readonly kind: 'set'; readonly master: string; readonly wanted: Wanted; readonly was: string }
  | { readonly kind: 'own-schema'; readonly master: string }
  | { readonly kind: 'account'; readonly master: string }
  | { readonly kind: 'stop'; readonly master: string; readonly why: string }
  | { readonly kind: 'forget'; readonly master: string; readonly why: string }
  | { readonly kind: 'fence'; readonly master: string }
  | { readonly kind: 'backup'; readonly master: string; readonly databases: readonly string[] }
  | { readonly kind: 'reset-log'; readonly master: string; readonly domains: readonly number[] }
  | {
      readonly kind: 'seed';
      readonly from: string;
      readonly to: string;
      readonly databases: readonly string[];
      readonly bytes: number;
      readonly untransactional: number;
    }
  /** Where `master` begins to apply what `source` wrote; `at` is used where no seed told a newer one. */
  | { readonly kind: 'position'; readonly master: string; readonly source: string; readonly at: readonly Gtid[] }
  | { readonly kind: 'connect'; readonly master: string; readonly source: string }
  | { readonly kind: 'start'; readonly master: string }
  | { readonly kind: 'exact'; readonly master: string; readonly tables: number }
  | { readonly kind: 'paired'; readonly master: string };

/** The plan of a setup. */
export type SetupPlan =
  | { readonly kind: 'settled'; readonly notes: readonly string[] }
  | { readonly kind: 'refused'; readonly reasons: readonly string[]; readonly hint: string }
  | { readonly kind: 'apply'; readonly steps: readonly Step[]; readonly notes: readonly string[] };

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** At most five names, and how many more there are. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** One line for people. `name` turns a master's id into its name. */
export function sentenceOf(step: Step, name: (id: string) => string): string {
  switch (step.kind) {
    case 'drop-in':
      return step.restart.length === 0
        ? `${name(step.master)}: write the settings file`
        : `${name(step.master)}: write the settings file; a RESTART is needed for ${step.restart
            .map((one) => `${one.name}=${one.value} (${one.reason})`)
            .join('; ')}`;
    case 'set':
      return `${name(step.master)}: ${step.wanted.name} = ${step.wanted.value} (was ${step.was || 'empty'}): ${step.wanted.reason}`;
    case 'own-schema':
      return `${name(step.master)}: make Tandem's own schema, which holds a heartbeat and notes`;
    case 'account':
      return `${name(step.master)}: make the replication account, which may read the log over TLS and nothing else`;
    case 'stop':
      return `${name(step.master)}: stop receiving (${step.why})`;
    case 'forget':
      return `${name(step.master)}: forget the old replication (${step.why}); its settings are saved first`;
    case 'fence':
      return `${name(step.master)}: read-only for customers while its data is replaced; it is lifted at the end`;
    case 'backup':
      return `${name(step.master)}: back up ${some(step.databases)} before it is overwritten`;
    case 'reset-log':
      return `${name(step.master)}: begin a new binary log, since GTID domain ${step.domains.join(', ')} stands in both masters' logs; the old log is saved first`;
    case 'seed':
      return `${name(step.from)} → ${name(step.to)}: copy ${step.databases.length} databases, ${megabytes(step.bytes)}: ${some(step.databases)}${
        step.untransactional === 0
          ? ''
          : `; ${step.untransactional} tables are not InnoDB: what is written to them meanwhile is applied once more, until it agrees`
      }`;
    case 'position':
      return `${name(step.master)}: note where it begins to apply what ${name(step.source)} writes`;
    case 'connect':
      return `${name(step.master)}: receive from ${name(step.source)} over TLS with a new password`;
    case 'start':
      return `${name(step.master)}: start receiving`;
    case 'exact':
      return `${name(step.master)}: compare ${step.tables} copied tables with FLOAT columns, which the copy rounds`;
    case 'paired':
      return `${name(step.master)}: note that the pair is made`;
  }
}
