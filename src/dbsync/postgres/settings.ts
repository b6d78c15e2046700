/** What each PostgreSQL server's settings must be, and why. Pure. */

export interface PgWanted {
  readonly name: string;
  readonly value: string;
  readonly reason: string;
  /** Takes effect at the next start only. */
  readonly restart: boolean;
}

/** A row of pg_settings. */
export interface PgSetting {
  readonly value: string;
  /** Written to the file, but a restart is outstanding. */
  readonly pending: boolean;
}

export type PgSettings = Readonly<Record<string, PgSetting>>;

/** Slots, senders and connections that a server needs for `databases` carried ones, Tandem's own among them. */
export function needsOf(databases: number): {
  readonly slots: number;
  readonly senders: number;
  readonly connections: number;
} {
  // A slot, a sender and an applying connection for each; the rest stays for everybody else.
  return { slots: databases + 1 + 4, senders: databases + 1 + 8, connections: databases + 1 + 100 };
}

/** How many databases these settings carry, Tandem's own left out. */
export function capacityOf(settings: PgSettings): number {
  const number = (name: string): number => Number(settings[name]?.value ?? 0);
  return Math.max(
    0,
    Math.min(number('max_replication_slots') - 5, number('max_wal_senders') - 9, number('max_connections') - 101),
  );
}

function listWith(actual: string | undefined, name: string): string {
  const parts = (actual ?? '')
    .split(',')
    .map((one) => one.replaceAll(/[\s"]/g, ''))
    .filter((one) => one !== '');
  return parts.includes(name) ? parts.join(',') : [...parts, name].join(',');
}

function at(actual: PgSettings, name: string, least: number): string {
  return String(Math.max(least, Number(actual[name]?.value ?? 0)));
}

function restarting(actual: PgSettings, databases: number): readonly (readonly [string, string, string])[] {
  const needs = needsOf(databases);
  return [
    ['wal_level', 'logical', 'what is written can be read row by row for the other master'],
    ['track_commit_timestamp', 'on', 'of two writes to the same row the later one is known'],
    [
      'max_replication_slots',
      at(actual, 'max_replication_slots', needs.slots),
      `a slot for each of ${databases} databases`,
    ],
    ['max_wal_senders', at(actual, 'max_wal_senders', needs.senders), `a sender for each of ${databases} databases`],
    [
      'max_connections',
      at(actual, 'max_connections', needs.connections),
      `a connection for each of ${databases} databases, beside the customers'`,
    ],
  ];
}

function live(actual: PgSettings, keepMegabytes: number): readonly (readonly [string, string, string])[] {
  return [
    ['fsync', 'on', 'a crash loses no committed transaction'],
    ['full_page_writes', 'on', 'a crash leaves no half-written page'],
    ['synchronous_commit', 'on', 'what is committed is on the disk before the other master gets it'],
    ['wal_sender_timeout', '20s', 'a cut is noticed in 20 s instead of a minute'],
    ['max_slot_wal_keep_size', `${keepMegabytes}MB`, 'a master that is away cannot fill the disk of the other'],
    ...('output_plugin_libraries' in actual
      ? ([
          [
            'output_plugin_libraries',
            listWith(actual['output_plugin_libraries']?.value, 'pgoutput'),
            'this release reads the log with named plug-ins only',
          ],
        ] as const)
      : []),
  ];
}

/** All settings of a side. `keepMegabytes`: how much log may wait for the other master. */
export function wantedPgSettings(
  actual: PgSettings,
  limits: { readonly databases: number; readonly keepMegabytes: number },
): readonly PgWanted[] {
  return [
    ...restarting(actual, limits.databases).map(([name, value, reason]) => ({ name, value, reason, restart: true })),
    ...live(actual, limits.keepMegabytes).map(([name, value, reason]) => ({ name, value, reason, restart: false })),
  ];
}

const plain = (value: string): string => value.replaceAll(/[\s"]/g, '').toLowerCase();

/** True when the server has it, or will have it at its next start. */
export function hasPgSetting(wanted: PgWanted, actual: PgSettings): boolean {
  const found = actual[wanted.name];
  return found !== undefined && plain(found.value) === plain(wanted.value);
}
