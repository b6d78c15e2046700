import type { Status } from './status.ts';

const words = ['OK', 'WARNING', 'CRITICAL'] as const;

/** What is wrong, worst first: 2 critical, 1 warning. */
export function troubles(status: Status): readonly (readonly [1 | 2, string])[] {
  const all: (readonly [1 | 2, string])[] = [];
  const held = Object.keys(status.held);
  if (held.length > 0) all.push([2, `held by the brake: ${held.join(', ')}`]);
  if (status.isolated) all.push([2, 'the other master is cut off']);
  else if (!status.connected) all.push([2, 'not connected to the other master']);
  if (status.oldestMs > 300_000) all.push([2, `the oldest change waits for ${Math.round(status.oldestMs / 1000)} s`]);
  else if (status.oldestMs > 30_000)
    all.push([1, `the oldest change waits for ${Math.round(status.oldestMs / 1000)} s`]);
  if (status.skewMs !== null && Math.abs(status.skewMs) > 1000)
    all.push([1, `the clocks differ by ${Math.round(status.skewMs)} ms`]);
  if (status.unwatched > 0) all.push([1, `${status.unwatched} directories are not watched`]);
  if (status.conflicts > 0) all.push([1, `${conflictsOf(status.conflicts)} to look at`]);
  if (Object.keys(status.paused).length > 0) all.push([1, `paused: ${Object.keys(status.paused).join(', ')}`]);
  all.push(...mailTroubles(status));
  if (status.rsync === null) all.push([1, 'rsync is too old or missing: large files that change travel whole']);
  return all.sort(([a], [b]) => b - a);
}

const conflictsOf = (count: number): string => (count === 1 ? '1 conflict' : `${count} conflicts`);

function mailTroubles({ mailboxes: { count, failed, off } }: Status): readonly (readonly [1 | 2, string])[] {
  if (count > 0 && off) return [[1, `${count} mailboxes are no Maildirs and do not travel: doveadm is not configured`]];
  return failed > 0 ? [[1, `doveadm failed for ${failed} mailboxes and is tried again`]] : [];
}

/** A line as Nagios wants it, with its exit code. */
export function checkLine(status: Status): { readonly text: string; readonly json: unknown; readonly exit: number } {
  const wrong = troubles(status);
  const exit = wrong[0]?.[0] ?? 0;
  const text =
    wrong.length === 0 ? `${status.files} files, all on both masters` : wrong.map(([, one]) => one).join('; ');
  const figures = `backlog=${status.backlog} oldest=${status.oldestMs}ms conflicts=${status.conflicts} files=${status.files}`;
  return { text: `FILESYNC ${words[exit]} - ${text} | ${figures}\n`, json: { exit, wrong, ...status }, exit };
}

/** Whether a master may be returned to as far as files go, and how far behind they are. */
export function filesyncGate(status: Status | undefined): {
  readonly open: boolean;
  readonly lagMs: number | 'unknown';
  readonly why: string;
} {
  if (status === undefined) return { open: false, lagMs: 'unknown', why: 'The agent does not answer.' };
  if (Object.keys(status.held).length > 0) return { open: false, lagMs: 'unknown', why: 'The brake holds an account.' };
  if (!status.connected || status.isolated)
    return { open: false, lagMs: 'unknown', why: 'The two agents are not connected.' };
  if (status.scanning > 0) return { open: false, lagMs: 'unknown', why: 'A tree is being scanned.' };
  if (status.unwatched > 0) return { open: false, lagMs: 'unknown', why: 'Some directories are not watched.' };
  if (status.mailboxes.off && status.mailboxes.count > 0)
    return { open: false, lagMs: 'unknown', why: 'Some mailboxes do not travel.' };
  const { oldestMs: lagMs } = status;
  if (lagMs > 10_000) return { open: false, lagMs, why: 'Changes are waiting to be sent.' };
  return { open: true, lagMs, why: lagMs === 0 ? 'Both have every file.' : 'The last changes are on their way.' };
}
