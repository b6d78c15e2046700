import { archiveList, archiveRestore, archiveShow } from './archive-commands.ts';
import {
  auditExport,
  auditHead,
  auditVerify,
  personLink,
  personPassword,
  personRole,
  personSuspend,
  secondFactorOff,
  sessionEnd,
  sessionList,
} from './auth-commands.ts';
import {
  adoptAccount,
  driftAccept,
  driftCertificates,
  driftList,
  driftRepair,
  driftScan,
  driftShow,
} from './drift-commands.ts';
import { commonOptions, type Options, waitOptions } from './flags.ts';
import { adoptMaster, resume } from './master-commands.ts';
import { type Context, choose, listOperations, type Said, showOperation, withdraw } from './operation-commands.ts';
import {
  accounts,
  doctor,
  personAdd,
  personList,
  personRemove,
  status,
  tokenCreate,
  tokenList,
  tokenPatience,
  tokenRevoke,
  verify,
} from './other-commands.ts';

/** A command that is not an action and needs the opened parts. */
export interface Command {
  readonly options: Options;
  run(context: Context): Promise<Said>;
}

function command(run: (context: Context) => Promise<Said>, options: Options = {}): Command {
  return { options: { ...commonOptions, ...options }, run };
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const many = { type: 'string', multiple: true } as const;
const { wait } = waitOptions;
const noWait = waitOptions['no-wait'];

/** Keyed by the words that name the command. */
export const commands: Readonly<Record<string, Command>> = {
  status: command(status),
  accounts: command(accounts),
  operations: command(listOperations, { state: text, account: text, action: text, before: text, limit: text }),
  operation: command(showOperation, { wait }),
  retry: command((context) => choose(context, 'retry'), { wait }),
  adopt: command(
    (context) =>
      typeof context.values['from'] === 'string'
        ? adoptAccount(context, context.values['from'])
        : choose(context, 'adopt'),
    { wait, from: text },
  ),
  skip: command((context) => choose(context, 'skip'), { wait }),
  undo: command((context) => choose(context, 'undo'), { wait }),
  withdraw: command(withdraw),
  resume: command(resume),
  'adopt-master': command(adoptMaster),
  'person add': command(personAdd, {
    role: text,
    reseller: text,
    email: text,
    'password-stdin': flag,
    'password-file': text,
  }),
  'person list': command(personList),
  'person remove': command(personRemove),
  'person role': command(personRole, { role: text, reseller: text, email: text }),
  'person password': command(personPassword, { 'password-stdin': flag, 'password-file': text }),
  'person link': command(personLink),
  'person suspend': command((context) => personSuspend(context, true)),
  'person unsuspend': command((context) => personSuspend(context, false)),
  'person second-factor-off': command(secondFactorOff),
  'session list': command(sessionList, { person: text }),
  'session end': command(sessionEnd),
  'audit verify': command(auditVerify, { head: text }),
  'audit head': command(auditHead),
  'audit export': command(auditExport),
  'token create': command(tokenCreate, {
    ...{ user: text, acl: many, label: text, address: many, scope: text, days: text, patience: text },
  }),
  'token list': command(tokenList),
  'token revoke': command(tokenRevoke),
  'token patience': command(tokenPatience, { patience: text }),
  'archive list': command(archiveList, { account: text }),
  'archive show': command(archiveShow),
  'archive restore': command(archiveRestore, { wait, 'no-wait': noWait }),
  'drift scan': command(driftScan, { account: text, wait }),
  'drift list': command(driftList, { state: text, kind: text, account: text, master: text, limit: text }),
  'drift show': command(driftShow),
  'drift repair': command(driftRepair, { from: text, 'dry-run': flag, 'yes-many': flag }),
  'drift accept': command(driftAccept),
  'drift certificates': command(driftCertificates),
  doctor: command(doctor),
  verify: command(verify, { 'read-only': flag, record: text }),
};

/** The command that the first words name, longest first. */
export function commandNamed(argv: readonly string[]): Command | undefined {
  const [first = '', second = ''] = argv;
  const name = [`${first} ${second}`, first].find((words) => Object.hasOwn(commands, words));
  return name === undefined ? undefined : commands[name];
}
