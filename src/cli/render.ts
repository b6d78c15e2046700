import type { Subject } from '../actions/define.ts';
import type { Choice, LegView, OperationView, Status } from '../operations/model.ts';
import { versionsDiffer } from '../operations/next-step.ts';

/** A master's words are data: control characters would move the cursor of whoever reads them. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

const widest = 100;

/** Rows as aligned columns; the last column is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => plain(cell)));
  const widths = head.map((_, i) => Math.min(widest, Math.max(...all.map((row) => [...(row[i] ?? '')].length))));
  const lines = all.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

export function subjectName(subject: Subject): string {
  switch (subject.kind) {
    case 'account':
      return subject.domain === undefined ? subject.account : `${subject.account} (${subject.domain})`;
    case 'package':
      return `package ${subject.name}`;
    case 'reseller':
      return `reseller ${subject.name}`;
    case 'server':
      return 'server';
  }
}

/** A sentence with its full stop, which those of WHM often lack. */
export function stopped(sentence: string): string {
  return /[.!?]\s*$/.test(sentence) || sentence === '' ? sentence : `${sentence}.`;
}

/** Why a leg stands where it stands, one sentence or two; empty when there is nothing to say. */
export function legSentence(leg: LegView): string {
  const wait = stopped(leg.waitsFor?.sentence ?? '');
  const error = stopped(leg.error?.message ?? '');
  // A wait often tells the error itself: it is said once.
  const said =
    error !== '' && wait.includes(leg.error?.message ?? '') ? [leg.state === 'held' ? error : wait] : [wait, error];
  return [...said, leg.error?.hint ?? ''].filter((part) => part !== '').join(' ');
}

const choiceMeanings: Readonly<Record<Choice, (master: string) => string>> = {
  retry: (master) => `try again on ${master}`,
  adopt: (master) => `what ${master} has is right; the difference is listed`,
  skip: (master) => `leave it undone on ${master}`,
  undo: () => 'take it back where it was done',
};

/** The commands that decide about what is on hold, ready to be typed. */
function decisions(view: OperationView): string {
  return view.legs
    .filter((leg) => leg.choices.length > 0)
    .map((leg) => {
      const rows = leg.choices.map((choice) => [
        `  tandem ${choice} ${view.id} ${leg.master}`,
        choiceMeanings[choice](leg.master),
      ]);
      const width = Math.max(...rows.map(([command = '']) => command.length));
      const lines = rows.map(([command = '', meaning = '']) => `${command.padEnd(width)}   ${meaning}`);
      return `${leg.master} waits for your decision:\n${lines.join('\n')}\n`;
    })
    .join('');
}

/** The whole operation in one sentence. */
export function operationSentence(view: OperationView): string {
  const open = view.legs
    .filter((leg) => !['done', 'skipped', 'refused', 'withdrawn'].includes(leg.state))
    .map((leg) => leg.master);
  const lead = view.legs.find((leg) => leg.master === view.lead);
  switch (view.state) {
    case 'done':
      return `Done on ${view.legs
        .filter((leg) => leg.state === 'done')
        .map((leg) => leg.master)
        .join(' and ')}.`;
    case 'following':
      return `Done on ${view.lead}; ${open.join(', ')} still to follow.`;
    case 'refused':
      return `Refused: ${lead?.error?.message ?? 'the lead said no'}`;
    case 'withdrawn':
      return 'Withdrawn; nothing was sent.';
    case 'undecided':
      return `Not decided: ${lead?.error?.message ?? 'a person has to look'}. See: tandem operation ${view.id}`;
    case 'accepted':
      return `Accepted; no master has done it yet. See: tandem operation ${view.id}`;
  }
}

function time(iso: string | undefined): string {
  return iso === undefined ? '' : iso.slice(11, 19);
}

/** Title, both legs, one sentence, and the commands that decide about what is on hold. */
export function operationText(view: OperationView): string {
  const rows = view.legs.map((leg) => [
    leg.master === view.lead ? `${leg.master}*` : leg.master,
    leg.state,
    String(leg.attempts),
    time(leg.doneAt ?? leg.sentAt),
    legSentence(leg),
  ]);
  const head = `${view.title}: ${subjectName(view.subject)}   operation ${view.id}`;
  return `${plain(head)}\n${table(['MASTER', 'STATE', 'CALLS', 'AT', ''], rows)}${plain(operationSentence(view))}\n${decisions(view)}`;
}

export function operationsText(views: readonly OperationView[]): string {
  if (views.length === 0) return 'No operations.\n';
  const rows = views.map((view) => [
    view.id,
    view.acceptedAt.slice(0, 19).replace('T', ' '),
    view.action,
    subjectName(view.subject),
    view.state,
    view.legs.map((leg) => `${leg.master} ${leg.state}`).join(', '),
  ]);
  const held = views.some((view) => view.legs.some((leg) => leg.state === 'held'));
  const next = held ? 'See what is on hold and decide: tandem operation ID\n' : '';
  return `${table(['ID', 'ACCEPTED', 'ACTION', 'SUBJECT', 'STATE', 'LEGS'], rows)}${next}`;
}

export function statusText(status: Status): string {
  const rows = status.masters.map((master) => [
    master.name,
    master.site,
    master.state,
    String(master.backlog),
    String(master.held),
    master.version ?? '',
    master.state === 'reachable'
      ? ''
      : `since ${master.since.slice(0, 16).replace('T', ' ')}${master.reason === undefined ? '' : `: ${master.reason}`}`,
  ]);
  const journal = status.journal.singlePointOfFailure
    ? `${status.journal.kind}, a single point of failure`
    : status.journal.kind;
  const facts = `Open ${status.open}, held ${status.held}, drift ${status.drift}; workers ${status.workers}; Redis ${status.redis}; journal ${journal}.`;
  const differ = versionsDiffer(status.masters);
  const rest = [differ, facts, status.next].filter((line) => line !== undefined).map((line) => `${plain(line)}\n`);
  return `${plain(stopped(status.sentence))}\n${table(['MASTER', 'SITE', 'STATE', 'BACKLOG', 'HELD', 'VERSION', ''], rows)}${rest.join('')}`;
}
