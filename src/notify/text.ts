/** What people and programs read. Pure. */
import { plain, smsLength } from './gsm.ts';
import type { OpenEvent, Severity, Telling } from './model.ts';

/** More costs money and is not read at night. */
const MOST_PARTS = 3;

/** '2026-11-28 13:41 UTC'. */
function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const word: Readonly<Record<Severity, string>> = { info: 'Note', warning: 'Warning', critical: 'ALARM' };

function headOf(event: OpenEvent, telling: Telling): string {
  if (telling.kind === 'over') return `OVER: ${event.over?.sentence ?? event.sentence}`;
  const again = telling.n > 1 ? ` (told ${telling.n} times, not acknowledged)` : '';
  return `${word[event.severity]}: ${event.sentence}${again}`;
}

/** What is told if there is room, the most useful first. */
function optionalLines(event: OpenEvent, telling: Telling): readonly string[] {
  if (telling.kind === 'over') return [];
  const { command, did, willNot, evidence } = event;
  return [
    ...(command === undefined ? [] : [`Type: ${command}`]),
    ...(did === undefined ? [] : [did]),
    ...(willNot === undefined ? [] : [`Not alone: ${willNot}`]),
    ...(evidence === undefined ? [] : [`Seen: ${evidence}`]),
  ];
}

/**
 * State, time, the one command, what Tandem did, what it will not do alone, evidence: in this order, as much as fits in
 * three parts; what does not fit is left out whole. Sentence and command always fit, by the bounds of an event.
 */
export function smsText(event: OpenEvent, telling: Telling, node: string): string {
  const times =
    telling.kind === 'over'
      ? `From ${timeOf(event.at)} to ${timeOf(event.over?.at ?? event.at)}.`
      : `Since ${timeOf(event.at)}.`;
  const lines = [headOf(event, telling), times];
  const tail = `Tandem on ${node}`;
  for (const line of optionalLines(event, telling)) {
    if (smsLength(plain([...lines, line, tail].join('\n'))).parts <= MOST_PARTS) lines.push(line);
  }
  return plain([...lines, tail].join('\n'));
}

export interface MailText {
  readonly subject: string;
  readonly body: string;
}

/** Subject and plain text. The subject stays the same for a thread; CR and LF never reach a header. */
export function mailText(event: OpenEvent, telling: Telling, node: string): MailText {
  const lines = [
    headOf(event, telling),
    '',
    `Since      ${timeOf(event.at)}`,
    ...(event.over === undefined ? [] : [`Until      ${timeOf(event.over.at)}`]),
    ...(event.evidence === undefined ? [] : [`Seen       ${event.evidence}`]),
    ...(event.did === undefined ? [] : [`Done       ${event.did}`]),
    ...(event.willNot === undefined || telling.kind === 'over' ? [] : [`Not alone  ${event.willNot}`]),
    ...(event.command === undefined || telling.kind === 'over' ? [] : ['', 'Type:', `    ${event.command}`]),
    '',
    ...(telling.kind === 'over' ? [] : [`It is told again until: tandem notify ack '${event.key}'`]),
    `Tandem on ${node}`,
  ];
  const subject = `${telling.kind === 'over' ? 'Over' : word[event.severity]}: ${event.sentence}`;
  return { subject: subject.replace(/[\r\n]+/g, ' ').slice(0, 200), body: `${lines.join('\n')}\n` };
}

/** What a webhook gets as JSON: names that stay. */
export interface HookBody {
  readonly id: string;
  readonly event: string;
  readonly kind: 'begun' | 'over';
  readonly severity: Severity;
  readonly sentence: string;
  readonly since: string;
  readonly until?: string;
  readonly evidence?: string;
  readonly did?: string;
  readonly willNot?: string;
  readonly command?: string;
  readonly node: string;
}

/** `id` is the same on all watchers, so a receiver can leave out what it has. */
export function hookBody(event: OpenEvent, telling: Telling, node: string, id: string): HookBody {
  const { evidence, did, willNot, command } = event;
  return {
    id,
    event: event.key,
    kind: telling.kind,
    severity: event.severity,
    sentence: telling.kind === 'over' ? (event.over?.sentence ?? event.sentence) : event.sentence,
    since: new Date(event.at).toISOString(),
    ...(event.over === undefined ? {} : { until: new Date(event.over.at).toISOString() }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(did === undefined ? {} : { did }),
    ...(willNot === undefined ? {} : { willNot }),
    ...(command === undefined ? {} : { command }),
    node,
  };
}
