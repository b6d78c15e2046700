import type { Action } from '../actions/define.ts';
import { type Flag, flagsOf } from './flags.ts';
import { table } from './render.ts';

/** [usage, what it does] of every command that is not an action. */
export const fixedCommands: readonly (readonly [string, string])[] = [
  ['status', 'The pair in one sentence, and both masters'],
  ['accounts', 'Accounts, with their state on each master'],
  [
    'operations [--state STATE] [--account NAME] [--action ID] [--limit N]',
    'Operations, newest first; STATE also open, held',
  ],
  ['operation ID [--wait SECONDS]', 'One operation with both legs'],
  ['retry|adopt|skip|undo ID MASTER', 'Decide about a held leg'],
  ['withdraw ID', 'Take back an operation of which nothing was sent'],
  ['resume MASTER', 'Go on with a parked master'],
  ['adopt-master MASTER', "Take over a master that carries another Tandem journal's mark"],
  [
    'person add NAME --role ROLE --password-stdin',
    'Let a person sign in (owner, admin, support, read-only, auditor, reseller)',
  ],
  ['person list | person remove NAME', 'People'],
  ['person role NAME --role ROLE [--reseller NAME] [--email ADDRESS]', 'Give a person another role'],
  ['person password NAME --password-stdin', "Set a person's password; it ends their sessions"],
  ['person link NAME', 'A one-time link with which a person sets a password'],
  ['person suspend NAME | person unsuspend NAME', 'Keep a person out, or let them in again'],
  ['person second-factor-off NAME', 'For who lost the telephone and the recovery codes'],
  ['session list [--person NAME] | session end ID', 'Who is signed in'],
  ['audit verify [--head FILE]', 'Check the chain of the audit trail, and that it goes on from a head kept elsewhere'],
  ['audit head | audit export', 'The signed end of the trail, to be kept elsewhere; the trail as JSON lines'],
  [
    'token create --user root --acl all [--label TEXT] [--address CIDR] [--days N] [--patience SECONDS]',
    'Make a token; it is shown once',
  ],
  ['token patience ID --patience SECONDS', 'How long its calls wait for an outcome (default: as configured)'],
  ['token list | token revoke ID', 'Tokens'],
  ['archive list [--account NAME] | archive show ID', 'Archives of accounts that were terminated'],
  ['archive restore ID [--wait SECONDS]', 'Bring a terminated account back on all masters'],
  ['functions [NAME] [--treatment WORD]', 'How each WHM and UAPI function is treated, and why'],
  [
    'notify list | notify ack KEY|--all | notify test [CONTACT]',
    'Warnings: what is told, who has it, and whether it gets through',
  ],
  ['drift scan [--account NAME] [--wait SECONDS]', 'Compare the masters now'],
  ['drift list [--state STATE] [--kind KIND] [--account NAME] [--limit N]', 'What differs; STATE also all'],
  ['drift show ID', 'One difference, side by side, and what a repair would do'],
  ['drift repair ID… [--from MASTER] [--dry-run] [--yes-many]', 'Make the other masters like one, through operations'],
  ['drift accept ID…', 'The difference is wanted'],
  ['drift certificates', 'Whether certificates are in step, and which end within 21 days'],
  [
    'failover [status] [--history N]',
    'Switchover: who is active, what is seen, what was ordered, and what would switch by itself',
  ],
  ['zones [state]', 'Where every zone points, and which were left alone; from the files of this watcher'],
  ['zones check [--zone NAME]…', 'Read every zone as a switch would; changes nothing'],
  [
    'zones ttl lower|raise [--zone NAME]… [--hours N]',
    'Lower the TTLs of what a switch would move, ahead of it, and raise them later',
  ],
  ['zones publish [--zone NAME]… [--confirmed]', 'Bring the zones to the last order again; while no watcher runs here'],
  ['failover faults', 'Which faults switch by themselves in this topology, and which only warn'],
  ['failover prepare MASTER [--to MASTER] [--account NAME]', 'What moving away from MASTER would do; changes nothing'],
  ['failover prepare MASTER --return [--account NAME]', 'What a return to MASTER would do, and which gates are closed'],
  [
    'failover switch MASTER [--to MASTER] [--account NAME] [--second-word] [--force] [--confirmed]',
    'Move what is active away from MASTER',
  ],
  [
    'failover return MASTER [--account NAME] [--override GATE,GATE]',
    'Bring back what belongs to MASTER, through the gate',
  ],
  ['failover hold REASON | failover release', 'Nothing switches by itself until it is released'],
  ['failover downtime MASTER --minutes N --reason TEXT [--from TIME]', 'Planned downtime; --end ID ends it'],
  ['failover ack CHECK', 'The problem is known: no more messages until it is well again'],
  ['check pair | check master ID | check check ID', 'A Nagios plug-in: what this watcher believes, as 0, 1, 2 or 3'],
  [
    'nagios passive [--command-file FILE] [--every SECONDS] | nagios objects | nagios event …',
    'An existing Nagios: hand it results, make its objects, take its reports',
  ],
  [
    'vantage install MASTER [--print] [--boot-guard] [--services LIST]',
    'Let this watcher look from MASTER and make it passive, by ssh',
  ],
  ['vantage state MASTER', 'Whether MASTER is free, fenced or passive'],
  ['watch pair DIR', 'Certificates for the watchers, the witness and the portal'],
  [
    'failover drill [--zone NAME]… [--real] [--logins FILE]',
    'Play a switch and a return on these zones, or only count; each step in seconds',
  ],
  ['failover free MASTER [--second-word]', 'Tell a passive master that it is active'],
  ['adopt ACCOUNT --from MASTER', 'Make an account that one master alone has on the others too'],
  [
    'notify list | notify ack KEY|--all | notify test [CONTACT]',
    'Warnings: what is told, who has it, and whether it gets through',
  ],
  ['drift scan [--account NAME] [--wait SECONDS]', 'Compare the masters now'],
  ['drift list [--state STATE] [--kind KIND] [--account NAME] [--limit N]', 'What differs; STATE also all'],
  ['drift show ID', 'One difference, side by side, and what a repair would do'],
  ['drift repair ID… [--from MASTER] [--dry-run] [--yes-many]', 'Make the other masters like one, through operations'],
  ['drift accept ID…', 'The difference is wanted'],
  ['drift certificates', 'Whether certificates are in step, and which end within 21 days'],
  ['doctor', 'Check this installation'],
  ['verify MASTER [--read-only] [--record DIR]', 'Compare a real server with what Tandem assumes'],
  ['db COMMAND', 'The databases of both masters: tandem db help'],
  ['crash-points', 'Names of the points where tests kill the program'],
  ['help [TOPIC]', 'This, an object (mailbox) or a command (mailbox add)'],
];

const everywhere = [
  ['--config FILE', 'Configuration (default: tandem.yaml in its usual place)'],
  ['--json', 'One JSON document on the standard output; messages on the other'],
] as const;

const changing = [
  ['--wait SECONDS', 'How long to wait for both masters (default 60, and no longer than there is hope)'],
  ['--no-wait', 'Only accept'],
  ['--dry-run', 'Say what would be done on each master; do nothing'],
  ['--queue', 'Accept although no master can be reached'],
  ['--idempotency-key KEY', 'The same key never does it twice'],
] as const;

const exitCodes = 'Exit: 0 done, 2 bad input or configuration, 3 refused, 4 on hold or waiting, 5 unreachable.\n';

function indented(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(40, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) =>
      left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}\n` : `  ${left.padEnd(width)}  ${right}\n`,
    )
    .join('');
}

/** 'mailbox.add' as it is typed. */
export function commandOf(id: string): string {
  return id.replace('.', ' ');
}

function usageOf(flag: Flag): string {
  if (flag.secret) return `--${flag.name}-stdin | --${flag.name}-file FILE`;
  if (flag.kind === 'switch') return `--${flag.name} | --no-${flag.name}`;
  if (flag.kind === 'pairs') return `--${flag.name} NAME=VALUE`;
  return `--${flag.name} ${flag.choices === undefined ? flag.kind.toUpperCase() : flag.choices.join('|')}`;
}

function meaningOf(flag: Flag): string {
  const facts = [
    flag.required ? 'required' : '',
    flag.kind === 'list' || flag.kind === 'pairs' ? 'may be repeated' : '',
  ].filter((fact) => fact !== '');
  const help = flag.help === undefined ? '' : `. ${flag.help}`;
  return `${flag.label}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}${help}`;
}

/** Help on one action: all of it comes from its declaration. */
export function actionHelp(action: Action): string {
  const flags = flagsOf(action).map((flag) => [usageOf(flag), meaningOf(flag)] as const);
  const destroys =
    action.destroys === undefined || action.destroys.length === 0
      ? ''
      : `It destroys: ${action.destroys.join(', ')}.\n`;
  return `tandem ${commandOf(action.id)}: ${action.title}\n${destroys}\n${indented(flags)}\n${indented([...changing, ...everywhere])}\n${exitCodes}`;
}

/** Help on one object: its actions. undefined when there is no such object. */
export function objectHelp(object: string, actions: readonly Action[]): string | undefined {
  const own = actions.filter((action) => action.id.startsWith(`${object}.`));
  if (own.length === 0) return undefined;
  return table(
    ['COMMAND', 'DOES'],
    own.map((action) => [`tandem ${commandOf(action.id)}`, action.title]),
  );
}

/** Help on a command that is no action, by its first word: 'token' has three. undefined when there is none. */
export function commandHelp(word: string): string | undefined {
  const own = fixedCommands.filter(([usage]) =>
    usage.split(' | ').some((one) => (one.split(' ')[0] ?? '').split('|').includes(word)),
  );
  if (own.length === 0) return undefined;
  const rows = own.map(([usage, meaning]) => [`tandem ${usage}`, meaning] as const);
  return `${indented(rows)}\n${indented(everywhere)}\n${exitCodes}`;
}

export function generalHelp(actions: readonly Action[], roles: readonly string[]): string {
  const objects = [...new Set(actions.map((action) => action.id.split('.')[0] ?? ''))];
  const verbs = objects.map((object) => {
    const own = actions
      .filter((action) => action.id.startsWith(`${object}.`))
      .map((action) => action.id.slice(object.length + 1));
    return [object, own.join(', ')] as const;
  });
  return [
    'tandem OBJECT VERB [--flags] | COMMAND\n',
    `\nObjects and verbs:\n${indented(verbs)}`,
    `\nCommands:\n${indented(fixedCommands)}`,
    roles.length === 0 ? '' : `\nRoles: ${roles.join(', ')}\n`,
    `\nEverywhere:\n${indented(everywhere)}\n`,
    exitCodes,
  ].join('');
}
