/**
 * What each server's settings must be, and why. The three that make "the panel creates on each master" safe stand at
 * the end: users stay local, a database may be made or dropped twice, and everything else that differs stops.
 */

/** One setting of a server. */
export interface Wanted {
  readonly name: string;
  readonly value: string;
  readonly reason: string;
  /** True when it can only be set in a file and takes effect at the next start. */
  readonly restart: boolean;
  /** True when it can be set only while this server's replication is stopped. */
  readonly stopped?: true;
  /** It stands in the file, but no variable shows it. */
  readonly unseen?: true;
  /** What the variable may also say. */
  readonly alike?: readonly string[];
}

/** Schemas of cPanel and the server itself. They never replicate: each master's panel writes its own. */
export const localSchemas = [
  ...['mysql', 'information_schema', 'performance_schema', 'sys', 'leechprotect', 'roundcube', 'horde', 'eximstats'],
  ...['cphulkd', 'modsec', 'whmxfer', 'munin', 'logaholicDB_%', 'cptmpdb%', 'cptmpdb_%', 'lost+found'],
] as const;

/** Table name pattern for `replicate_wild_ignore_table`; `_` stands for itself. */
function pattern(schema: string): string {
  return `${schema.replaceAll('_', '\\_')}.%`;
}

/** Whether a database can be left out by its name: the server takes a list, and letters that stand for others. */
export function canBeLeftOut(name: string): boolean {
  return !/[,%\\\s]/.test(name);
}

/** Value of replicate_wild_ignore_table; `more` are databases that are left out for a time. */
export function ignoredTables(more: readonly string[] = []): string {
  const known = [...new Set(localSchemas)].filter((one) => one !== 'lost+found').map(pattern);
  return [...known, 'tandemsync.local\\_%', ...more.map(pattern)].join(',');
}

/** True for a schema that belongs to no cPanel account. */
export function isLocalSchema(name: string): boolean {
  return (
    name === 'tandemsync' ||
    localSchemas.some((one) => (one.endsWith('%') ? name.startsWith(one.slice(0, -1)) : name === one))
  );
}

/** Server id and GTID domain of a side. */
export interface Numbers {
  readonly serverId: number;
  readonly domain: number;
  /** 1 or 2: which half of the AUTO_INCREMENT numbers it gives out. */
  readonly offset: number;
}

function live(name: string, value: string, reason: string, alike: readonly string[] = []): Wanted {
  return { name, value, reason, restart: false, ...(alike.length === 0 ? {} : { alike }) };
}

function paused(name: string, value: string, reason: string): Wanted {
  return { name, value, reason, restart: false, stopped: true };
}

function filed(name: string, value: string, reason: string, alike: readonly string[] = []): Wanted {
  return { name, value, reason, restart: true, ...(alike.length === 0 ? {} : { alike }) };
}

/** All settings of a side, in the order in which they are shown. `detached`: schemas that are cut off on purpose. */
export function wantedSettings(numbers: Numbers, detached: readonly string[] = []): readonly Wanted[] {
  return [
    live('server_id', String(numbers.serverId), 'each server knows its own events when they come home'),
    live('gtid_domain_id', String(numbers.domain), 'each master counts its own transactions'),
    filed('log_bin', 'tandem-bin', 'what is written is kept for the other master', ['ON', '1']),
    filed('log_slave_updates', 'ON', "each log holds both masters' writes, so either can seed the other", ['1']),
    filed('relay_log', 'tandem-relay', 'a changed host name must not lose the relay log'),
    filed('relay_log_recovery', 'ON', 'a half-written relay log is fetched again after a crash', ['1']),
    { ...filed('skip_slave_start', 'ON', 'after a crash nothing is applied before Tandem has looked'), unseen: true },
    filed('slave_skip_errors', '1007,1008', 'the panel makes and drops each database on both masters'),
    live('binlog_format', 'ROW', 'a row means the same on both masters, a statement may not'),
    live('binlog_row_image', 'FULL', 'conflicts are shown with both images'),
    live('gtid_strict_mode', 'ON', 'a transaction that does not belong is refused instead of kept', ['1']),
    live('sync_binlog', '1', 'a crash loses no committed transaction from the log'),
    live('innodb_flush_log_at_trx_commit', '1', 'a crash loses no committed transaction from the tables'),
    live('auto_increment_increment', '2', 'new numbers never meet'),
    live('auto_increment_offset', String(numbers.offset), 'one master gives odd numbers, the other even ones'),
    live('log_bin_trust_function_creators', 'ON', 'with a log, customers could else make no functions or triggers', [
      '1',
    ]),
    paused('slave_net_timeout', '10', 'a cut is noticed in 10 s instead of a minute'),
    paused('slave_parallel_threads', '4', 'catches up faster after a cut'),
    paused('slave_parallel_mode', 'optimistic', 'catches up faster after a cut, in the order of commits'),
    paused(
      'replicate_wild_ignore_table',
      ignoredTables(detached),
      "users and cPanel's own schemas stay on each master",
    ),
    live('slave_exec_mode', 'STRICT', 'a row that differs stops instead of being overwritten in silence'),
    live('slave_ddl_exec_mode', 'STRICT', 'a table made on both masters stops instead of swapping its rows'),
  ];
}

/** True when the server already has it. Lists are compared without regard to order. */
export function hasSetting(wanted: Wanted, actual: string | undefined): boolean {
  if (wanted.unseen === true) return true;
  if (actual === undefined) return false;
  if (actual === wanted.value || wanted.alike?.includes(actual) === true) return true;
  const sorted = (list: string): string => list.split(',').sort().join(',');
  return wanted.value.includes(',') && sorted(actual) === sorted(wanted.value);
}

/** The setting's lines in an option file. There a filter takes one pattern a line: a list would be one pattern. */
export function fileLines(wanted: Wanted): readonly string[] {
  const values = wanted.name.startsWith('replicate_') ? wanted.value.split(',') : [wanted.value];
  return values.map((value) => `${wanted.name} = ${value}`);
}

/** Shortest time that binary logs must be kept, in seconds: a master may be away for so long without a re-seed. */
export const keepLogsSeconds = 3 * 86_400;
