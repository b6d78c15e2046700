/** What the agents report, as alarms for people. */
import type { Config } from '../../config.ts';
import type { Report } from '../../filesync/report.ts';
import { type FilesState, filesState, type Seen } from '../../filesync/watch.ts';
import { bounds, type Event } from '../../notify/model.ts';
import { filesFolder } from './start.ts';

/** A state older than this is of a watch that no longer runs here: it proves nothing. */
const freshMs = 60_000;
const behindMs = 60_000;
const skewMs = 1000;

type Trouble = readonly [key: string, severity: Event['severity'], sentence: string, command: string];

function troublesOf({ id, name, report, why }: Seen): readonly Trouble[] {
  const on = `--master ${id}`;
  if (report === null)
    return [['away', 'warning', `File sync on ${name} cannot be asked: ${why}`, `tandem filesync status ${on}`]];
  const all: Trouble[] = Object.entries(report.held).map(([unit, reason]) => [
    `held.${unit}`,
    'critical',
    `${name} holds the files of ${unit}: ${reason}. Nothing more is deleted there until somebody decides.`,
    `tandem filesync release ${unit} ${on} (or with --put-back)`,
  ]);
  if (report.isolated)
    all.push(['isolated', 'warning', `${name} is cut off from the other master by hand`, `tandem filesync join ${on}`]);
  else if (!report.connected)
    all.push(['cut', 'warning', `File sync on ${name} is not connected`, `tandem filesync status ${on}`]);
  if (report.oldestMs > behindMs)
    all.push([
      'behind',
      'warning',
      `A change of files on ${name} has waited for more than a minute`,
      `tandem filesync status ${on}`,
    ]);
  if (report.unwatched > 0)
    all.push([
      'unwatched',
      'warning',
      `${name} cannot watch ${report.unwatched} directories: what changes there is found every five minutes only. Raise fs.inotify.max_user_watches`,
      `tandem filesync status ${on}`,
    ]);
  all.push(...mailTroubles(name, report.mailboxes, on));
  if (Math.abs(report.skewMs ?? 0) > skewMs)
    all.push([
      'clock',
      'warning',
      "The masters' clocks differ by more than a second: the wrong edit may win",
      `tandem filesync status ${on}`,
    ]);
  return all;
}

/** Mailboxes that are no Maildirs. */
function mailTroubles(name: string, { count, failed, off }: Report['mailboxes'], on: string): readonly Trouble[] {
  const check = `tandem filesync check ${on}`;
  if (off && count > 0)
    return [
      ['mailboxes', 'warning', `${count} mailboxes on ${name} do not travel: set doveadm in filesync.yaml`, check],
    ];
  if (failed === 0) return [];
  return [['mailboxes', 'warning', `doveadm fails for ${failed} mailboxes on ${name} and is tried again`, check]];
}

/** What stands now. Pure. */
export function alarmsIn(state: FilesState): readonly Event[] {
  return state.masters.flatMap((one) =>
    troublesOf(one).map(([key, severity, sentence, command]) => ({
      key: `files:${one.id}.${key}`
        .toLowerCase()
        .replaceAll(/[^a-z0-9:._-]/g, '-')
        .slice(0, 120),
      severity,
      at: state.at,
      sentence: sentence.replaceAll(/\s+/g, ' ').slice(0, bounds.sentence),
      command,
    })),
  );
}

/** What stands now; nothing where no worker of this node watches. */
export async function filesAlarms(config: Pick<Config, 'stateDir'>, now: number): Promise<readonly Event[]> {
  const state = await filesState.read(filesFolder(config));
  return state === undefined || now - state.at > freshMs ? [] : alarmsIn(state);
}
