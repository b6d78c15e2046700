import { z } from 'zod';
import { api2, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, type Readable, readable } from '../answers.ts';
import * as f from '../fields.ts';

const time = (what: string) =>
  z
    .string()
    .trim()
    .max(60)
    .regex(/^([\d*/,-]+|[A-Za-z]{3}([,-][A-Za-z]{3})*)$/, `must be a ${what} such as * or */5 or 1,15`);

export const job = z.strictObject({
  minute: time('minute'),
  hour: time('hour'),
  day: time('day'),
  month: time('month'),
  weekday: time('weekday'),
  command: f.line(1000).min(1, 'must be a command'),
});

/** One line of a crontab. */
export type Job = z.output<typeof job>;

/** What makes two lines the same. */
export function lineOf(one: Job): string {
  return `${one.minute} ${one.hour} ${one.day} ${one.month} ${one.weekday} ${one.command}`;
}

const rows = z.array(
  z.object({
    type: z.string().nullish(),
    key: z.string().nullish(),
    value: z.string().nullish(),
    linekey: z.string().nullish(),
    commandnumber: numeric.nullish(),
    minute: z.string().nullish(),
    hour: z.string().nullish(),
    day: z.string().nullish(),
    month: z.string().nullish(),
    weekday: z.string().nullish(),
    command: z.string().nullish(),
  }),
);

export interface Crontab {
  readonly jobs: readonly (Job & { readonly linekey: string })[];
  /** Where the output goes; '' for the account itself. */
  readonly email: string;
}

export function lookAtCron(account: string): WhmCall {
  return api2(account, 'Cron::fetchcron');
}

/** The crontab of one master; keys of lines belong to it and to this moment. */
export function readCron(answers: readonly Answer[]): Readable<Crontab> {
  const answer = readable(answers, 0, rows);
  if (!answer.ok) return answer;
  const jobs = answer.value.flatMap((row) => {
    const { minute, hour, day, month, weekday, command, linekey } = row;
    if (!minute || !hour || !day || !month || !weekday || !command) return [];
    return [{ minute, hour, day, month, weekday, command, linekey: linekey ?? '' }];
  });
  const mail = answer.value.find((row) => row.type === 'variable' && row.key === 'MAILTO');
  return { ok: true, value: { jobs, email: (mail?.value ?? '').replace(/^"|"$/g, '') } };
}
