import { archiveList, archiveRestore, archiveShow } from './archive-commands.ts';
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
  adopt: command((context) => choose(context, 'adopt'), { wait }),
  skip: command((context) => choose(context, 'skip'), { wait }),
  undo: command((context) => choose(context, 'undo'), { wait }),
  withdraw: command(withdraw),
  resume: command(resume),
  'adopt-master': command(adoptMaster),
  'person add': command(personAdd, { role: text, 'password-stdin': flag, 'password-file': text }),
  'person list': command(personList),
  'person remove': command(personRemove),
  'token create': command(tokenCreate, { user: text, acl: many, label: text, address: many, scope: text, days: text }),
  'token list': command(tokenList),
  'token revoke': command(tokenRevoke),
  'archive list': command(archiveList, { account: text }),
  'archive show': command(archiveShow),
  'archive restore': command(archiveRestore, { wait, 'no-wait': noWait }),
  doctor: command(doctor),
  verify: command(verify, { 'read-only': flag, record: text }),
};

/** The command that the first words name, longest first. */
export function commandNamed(argv: readonly string[]): Command | undefined {
  const [first = '', second = ''] = argv;
  const name = [`${first} ${second}`, first].find((words) => Object.hasOwn(commands, words));
  return name === undefined ? undefined : commands[name];
}
