import { z } from 'zod';
import { api2, type WhmCall } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { applyAll } from '../plans.ts';
import * as seen from './seen.ts';

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  jobs: z
    .array(seen.job)
    .max(200)
    .refine((jobs) => new Set(jobs.map(seen.lineOf)).size === jobs.length, 'must not hold the same job twice')
    .default([])
    .meta({ label: 'Jobs', input: 'list', help: 'The whole wanted crontab.' }),
  email: z
    .union([z.literal(''), f.email()])
    .default('')
    .meta({
      label: 'Send output to',
      input: 'email',
      help: 'Left empty, to the account itself.',
    }),
  runsOn: f.line(40).meta({ label: 'Master on which the jobs run', help: 'Its id. The others have an empty crontab.' }),
});

type Params = z.output<typeof params>;

function callsFor(p: Params, wanted: readonly seen.Job[], email: string, found: seen.Crontab): readonly WhmCall[] {
  const lines = new Set(wanted.map(seen.lineOf));
  const there = new Set(found.jobs.map(seen.lineOf));
  return [
    // By key, not by place: a key stays the same while other lines go.
    ...found.jobs
      .filter((one) => !lines.has(seen.lineOf(one)))
      .map((one) => api2(p.account, 'Cron::remove_line', { linekey: one.linekey })),
    ...wanted.filter((one) => !there.has(seen.lineOf(one))).map((one) => api2(p.account, 'Cron::add_line', { ...one })),
    ...(found.email === email ? [] : [api2(p.account, 'Cron::set_email', { email })]),
  ];
}

/**
 * The whole crontab of an account. It stands on the master that it runs on, and is empty on the others, so that no job
 * runs twice; when the active master moves, the same table is set again with the new one.
 */
export const setCron = define({
  id: 'cron.set',
  title: 'Set cron jobs',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'read back',
  reversible: true,
  proof: 'look',
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [seen.lookAtCron(p.account)],
  read: (_p, answers) => seen.readCron(answers),
  plan: (p, s, place) =>
    when(s, (found) => {
      const isHere = place.master.id === p.runsOn;
      return applyAll(callsFor(p, isHere ? p.jobs : [], isHere ? p.email : found.email, found));
    }),
});
