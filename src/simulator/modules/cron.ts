/** The crontab of an account: API 2 `Cron`. */
import { createHash } from 'node:crypto';
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import { ownedHooks } from './owned.ts';

const FIELDS = ['minute', 'hour', 'day', 'month', 'weekday', 'command'] as const;
type Field = (typeof FIELDS)[number];
type Job = Readonly<Record<Field, string>>;

export interface Crontab {
  readonly user: string;
  /** '' when mail goes to the account. */
  readonly email: string;
  readonly jobs: readonly Job[];
}

/** Key: 'user/crontab'. */
export const crontabs = table<Crontab>('crontabs', { group: (c) => c.user });

const INSTALLED = 'crontab installed';

function keyOf(user: string): string {
  return `${user}/crontab`;
}

function crontabOf({ state, user }: AccountContext): Crontab {
  return state.of(crontabs).get(keyOf(user)) ?? { user, email: '', jobs: [] };
}

function save({ state, user }: AccountContext, next: Crontab): void {
  state.of(crontabs).set(keyOf(user), next);
}

/** Changes with what the line says. */
function linekey(job: Job): string {
  return createHash('md5')
    .update(FIELDS.map((field) => job[field]).join(' '))
    .digest('hex');
}

/** Failures of this module have `status` and `statusmsg`, and no error in the envelope. */
function refused(statusmsg: string, more: Readonly<Record<string, unknown>> = {}): Result {
  return no(statusmsg, { data: [{ status: 0, statusmsg, ...more }], quiet: true });
}

function done(more: Readonly<Record<string, unknown>> = {}): Result {
  return ok([{ status: 1, statusmsg: INSTALLED, ...more }]);
}

function guarded(work: AccountHandler): AccountHandler {
  return (context) => {
    try {
      return work(context);
    } catch (error) {
      if (error instanceof Refusal) return refused(error.message);
      throw error;
    }
  };
}

const TIME = /^[\d*/,-]+$|^[A-Za-z]{3}([,-][A-Za-z]{3})*$/u;

function askedJob({ params }: AccountContext): Job {
  const [minute, hour, day, month, weekday, command] = FIELDS.map((field) => params.require(field));
  const job = { minute, hour, day, month, weekday, command } as Job; // one value for each field: `require` throws else
  const bad = FIELDS.find((field) => field !== 'command' && !TIME.test(job[field]));
  if (bad !== undefined) throw new Refusal(`The ${bad} “${job[bad]}” is not valid.`);
  if (/[\r\n]/u.test(job.command)) throw new Refusal('The command may not contain line breaks.');
  return job;
}

/** The place of the line that is meant, by its key or by its number among the commands. */
function placeOf({ params }: AccountContext, jobs: readonly Job[]): number {
  const key = params.get('linekey') ?? '';
  if (key !== '') return jobs.findIndex((job) => linekey(job) === key);
  return Number(params.require('commandnumber', 'commandlinenumber', 'line')) - 1;
}

function addLine(context: AccountContext): Result {
  const crontab = crontabOf(context);
  const job = askedJob(context);
  const key = linekey(job);
  if (crontab.jobs.some((other) => linekey(other) === key)) {
    return refused('This cron job already exists.', { linekey: key });
  }
  save(context, { ...crontab, jobs: [...crontab.jobs, job] });
  return done({ linekey: key });
}

function editLine(context: AccountContext): Result {
  const crontab = crontabOf(context);
  const at = placeOf(context, crontab.jobs);
  if (crontab.jobs[at] === undefined) return refused('The cron job does not exist.');
  const job = askedJob(context);
  save(context, { ...crontab, jobs: crontab.jobs.with(at, job) });
  return done({ linekey: linekey(job) });
}

function removeLine(context: AccountContext): Result {
  const crontab = crontabOf(context);
  const at = placeOf(context, crontab.jobs);
  if (crontab.jobs[at] === undefined) return refused('The cron job does not exist.');
  save(context, { ...crontab, jobs: crontab.jobs.toSpliced(at, 1) });
  return done();
}

function htmlSafe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function jobRow(job: Job, at: number): Readonly<Record<string, unknown>> {
  return { count: at + 1, ...job, command_htmlsafe: htmlSafe(job.command), linekey: linekey(job) };
}

/** The last element holds only the next number. */
function listCron(context: AccountContext): Result {
  const { jobs } = crontabOf(context);
  return ok([...jobs.map(jobRow), { count: jobs.length + 1 }]);
}

function fetchCron(context: AccountContext): Result {
  const { email, jobs } = crontabOf(context);
  const variables = [...(email === '' ? [] : [['MAILTO', `"${email}"`] as const]), ['SHELL', '"/bin/bash"'] as const];
  const first = variables.map(([key, value], at) => ({ line: at + 1, type: 'variable', key, value }));
  const rows = jobs.map((job, at) => ({
    ...jobRow(job, at),
    line: variables.length + at + 1,
    type: 'command',
    commandnumber: at + 1,
  }));
  return ok([...first, ...rows, { count: jobs.length + 1 }]);
}

function setEmail(context: AccountContext): Result {
  const email = context.params.get('email') ?? '';
  save(context, { ...crontabOf(context), email });
  return done({ email });
}

const lineParams = ['linekey', 'line', 'commandnumber', 'commandlinenumber'];

const api2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Cron::listcron': { run: listCron, params: [] },
  'Cron::fetchcron': { run: fetchCron, params: [] },
  'Cron::add_line': { run: guarded(addLine), params: FIELDS },
  'Cron::edit_line': { run: guarded(editLine), params: [...FIELDS, ...lineParams] },
  'Cron::remove_line': { run: guarded(removeLine), params: lineParams },
  'Cron::get_email': { run: (c) => ok([{ email: crontabOf(c).email }]), params: [] },
  'Cron::set_email': { run: setEmail, params: ['email'] },
};

export const cron: Module = { api2, hooks: ownedHooks(crontabs) };
