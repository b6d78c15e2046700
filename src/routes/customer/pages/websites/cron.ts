/** Cron: the wanted table is Tandem's. It runs on the active master alone, and moves with it. */

import { z } from 'zod';
import { type Crontab, lookAtCron, readCron } from '../../../../actions/cron/seen.ts';
import { Invalid, NotFound } from '../../../../errors.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { activeOf, readActive } from '../../active.ts';
import type { CronJob, WantedCron } from '../../deps.ts';
import { type FormField, formBlock, postButton } from '../../forms.ts';
import { reachesCommand } from '../../mail-reach.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';

const path = '/my/websites/cron';
const times = ['minute', 'hour', 'day', 'month', 'weekday'] as const;

/** Common times of day, as a form offers them → the five fields. */
const often = {
  '5min': '*/5 * * * *',
  hour: '0 * * * *',
  day: '0 3 * * *',
  week: '0 3 * * 0',
  month: '0 3 1 * *',
} as const;

/** The wanted table; for an account that never had one here, what its active master has. Or why it is not known. */
async function tableOf(visit: Visit): Promise<WantedCron | string> {
  const wanted = await visit.parts.crontabs.wanted(visit.account);
  if (wanted !== undefined) return wanted;
  const read = await readActive(visit, lookAtCron(visit.account), z.unknown());
  if (!read.ok) return read.sentence;
  const found = readCron([{ ok: true, data: read.value }]);
  return found.ok ? plainTable(found.value) : visit.say('files.refused', { reason: visit.plain(found.reason) });
}

function plainTable({ jobs, email }: Crontab): WantedCron {
  return { jobs: jobs.map(({ linekey: _key, ...job }) => job), email };
}

function timeText(job: CronJob): string {
  return times.map((name) => job[name]).join(' ');
}

function tableBlock(visit: Visit, { jobs }: WantedCron): Block {
  const { say } = visit;
  return {
    kind: 'table',
    columns: [say('cron.when'), say('cron.command'), ''],
    rows: jobs.map((job, at) => [
      { text: timeText(job), machine: true, meta: sentenceOf(visit, job) },
      { text: job.command, machine: true },
      {
        buttons: postButton(
          visit,
          say('cron.delete'),
          `${path}/delete`,
          {
            at: String(at),
            line: `${timeText(job)} ${job.command}`,
          },
          true,
        ),
      },
    ]),
    empty: say('cron.none'),
  };
}

/** The common times in words; '' for others. */
function sentenceOf(visit: Visit, job: CronJob): string {
  const text = timeText(job);
  const found = Object.entries(often).find(([, time]) => time === text)?.[0];
  return found === undefined ? '' : visit.say(`cron.often.${found as keyof typeof often}`); // a key of the table itself
}

function addingFields(visit: Visit): readonly FormField[] {
  const { say } = visit;
  const options = [...Object.keys(often), 'own'];
  const optionLabels = {
    ...Object.fromEntries(Object.keys(often).map((key) => [key, say(`cron.often.${key as keyof typeof often}`)])),
    own: say('cron.often.own'),
  };
  return [
    { name: 'command', label: say('cron.command'), help: say('cron.command.help'), input: 'text', required: true },
    { name: 'often', label: say('cron.when'), input: 'select', required: true, options, optionLabels },
    { name: 'times', label: say('cron.times'), help: say('cron.times.help'), input: 'text', required: false },
  ];
}

async function cronSheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const table = await tableOf(visit);
  const site = visit.siteOf(await activeOf(visit));
  if (typeof table === 'string')
    return { heading: say('cron.title'), blocks: [{ kind: 'text', text: table, tone: 'note' }] };
  return {
    heading: say('cron.title'),
    blocks: [
      { kind: 'text', text: say('cron.where', { site }) },
      tableBlock(visit, table),
      ...formBlock(visit, {
        action: path,
        fields: addingFields(visit),
        button: say('cron.add'),
        fold: say('cron.new'),
      }),
      ...formBlock(visit, {
        action: `${path}/email`,
        fields: [
          { name: 'email', label: say('cron.email'), help: say('cron.email.help'), input: 'email', required: false },
        ],
        values: { email: table.email },
        button: say('cron.email.set'),
        fold: say('cron.email.set'),
      }),
    ],
  };
}

/** Sets another table, and remembers it once it was accepted. */
async function change(visit: Visit, make: (table: WantedCron) => WantedCron): Promise<string> {
  const table = await tableOf(visit);
  if (typeof table === 'string') throw new Invalid(table);
  const wanted = make(table);
  const runsOn = await activeOf(visit);
  const next = await visit.submit('cron.set', { account: visit.account, ...wanted, runsOn }, path);
  const operation = new URLSearchParams(next.split('?')[1]).get('done') ?? '';
  await visit.parts.crontabs.keep(visit.account, wanted, runsOn, operation);
  return next;
}

function jobOf(visit: Visit): CronJob {
  const { command = '', often: asked = '', times: typed = '' } = visit.body;
  const known = Object.entries(often).find(([key]) => key === asked)?.[1];
  const parts = (known ?? typed).trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = parts;
  const isWhole = parts.length === 5 && minute !== undefined && hour !== undefined && day !== undefined;
  if (!isWhole || month === undefined || weekday === undefined) {
    throw new Invalid('form.again', [{ path: 'times', message: 'cron.times.wrong' }]);
  }
  if (!reachesCommand(visit.who, command))
    throw new Invalid('form.again', [{ path: 'command', message: 'cron.command.mail' }]);
  return { minute, hour, day, month, weekday, command: command.trim() };
}

function without(table: WantedCron, visit: Visit): WantedCron {
  const at = Number(visit.body['at']);
  const job = table.jobs[at];
  // The line too: the table may have changed since the page was drawn.
  if (job === undefined || `${timeText(job)} ${job.command}` !== visit.body['line'])
    throw new NotFound('problem.not-found');
  return { ...table, jobs: table.jobs.toSpliced(at, 1) };
}

export const cronPage: CustomerPage = {
  path,
  goal: 'websites',
  title: 'cron.title',
  order: 20,
  area: 'websites',
  feature: 'cron',
  routes(to) {
    to.show(path, cronSheet);
    to.act(path, (v) => change(v, (table) => ({ ...table, jobs: [...table.jobs, jobOf(v)] })), cronSheet);
    to.act(`${path}/delete`, (v) => change(v, (table) => without(table, v)), cronSheet);
    to.act(
      `${path}/email`,
      (v) => change(v, (table) => ({ ...table, email: (v.body['email'] ?? '').trim() })),
      cronSheet,
    );
  },
};
