/**
 * Object configuration for an existing Nagios: hosts, passive services that go stale, and the event handler that reports.
 * Source: Nagios Core, "Object Definitions", "Freshness Checks", "Event Handlers".
 */
import type { WatchStatus } from '../watch/status.ts';
import { servicesOf } from './states.ts';

export interface ObjectsOptions {
  /** Whole path of the tandem program, and its configuration file, on the Nagios machine. */
  readonly program: string;
  readonly config: string;
  /** Seconds between passive results; stale after three times that. */
  readonly everySeconds: number;
  /** Addresses of the masters, by id. */
  readonly addresses: Readonly<Record<string, string>>;
}

function define(kind: string, fields: Readonly<Record<string, string | number>>): string {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  const lines = Object.entries(fields).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return `define ${kind} {\n${lines.join('\n')}\n}\n`;
}

/** What Nagios' own packages define: everybody's contacts, all the time. */
const common = {
  contact_groups: 'admins',
  check_period: '24x7',
  notification_period: '24x7',
  notification_interval: 0,
} as const;

/** The whole file; it needs the contact group `admins` and the time period `24x7`, which every Nagios has. */
export function objectsText(status: WatchStatus, options: ObjectsOptions): string {
  const { program, config, everySeconds } = options;
  const command = `${program} --config ${config}`;
  const hosts = ['tandem', ...status.masters.map(({ id }) => id)].map((id) =>
    define('host', {
      host_name: id,
      address: options.addresses[id] ?? '127.0.0.1',
      check_command: 'tandem-nothing',
      active_checks_enabled: 0,
      max_check_attempts: 1,
      ...common,
    }),
  );
  const services = servicesOf(status).map(({ host, service }) =>
    define('service', {
      host_name: host,
      service_description: service,
      check_command: 'tandem-stale',
      active_checks_enabled: 0,
      passive_checks_enabled: 1,
      // Tandem has already tried as often as it must.
      max_check_attempts: 1,
      check_freshness: 1,
      freshness_threshold: everySeconds * 3,
      ...common,
    }),
  );
  const handler = `${program} nagios event --config ${config} "$HOSTNAME$" "$SERVICEDESC$" "$SERVICESTATE$" "$SERVICESTATETYPE$" "$SERVICEATTEMPT$"`;
  const commands = [
    define('command', { command_name: 'tandem-nothing', command_line: '/bin/true' }),
    define('command', {
      command_name: 'tandem-stale',
      command_line: '/bin/sh -c \'echo "UNKNOWN - Tandem has sent nothing"; exit 3\'',
    }),
    `# Give your own services "event_handler tandem-report": what Nagios sees is kept with Tandem's evidence. It decides nothing.\n${define('command', { command_name: 'tandem-report', command_line: handler })}`,
  ];
  return `# Made by: ${command} nagios objects\n${[...commands, ...hosts, ...services].join('\n')}`;
}
