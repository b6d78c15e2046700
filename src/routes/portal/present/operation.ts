import type { Subject } from '../../../actions/define.ts';
import type { Choice, LegView, OperationView } from '../../../operations/model.ts';
import type { PortalSay } from '../texts/en.ts';
import { type ChipModel, legChip } from './chips.ts';
import { type UndoModel, undoModel, wasUndone } from './grace.ts';
import { headline } from './headline.ts';
import { listed, type Reader } from './reader.ts';
import { ago, clock, duration, type TimeModel } from './time.ts';

export type Tone = 'good' | 'busy' | 'wait' | 'warn' | 'bad' | 'none';

export interface ButtonModel {
  readonly label: string;
  readonly action: string;
  readonly help: string;
}

/** One step of the timeline. */
export interface StepModel {
  readonly id: string;
  readonly title: string;
  readonly tone: Tone;
  readonly symbol: string;
  readonly word: string;
  readonly at: TimeModel | undefined;
  readonly took: string;
  /** The master's own words, with the function that said them. */
  readonly said: readonly { readonly fn: string; readonly reason: string }[];
  readonly sentences: readonly string[];
  readonly next: TimeModel | undefined;
  readonly cause: { readonly sentence: string; readonly href: string } | undefined;
  readonly buttons: readonly ButtonModel[];
}

export interface OperationModel {
  readonly id: string;
  readonly title: string;
  readonly subject: string;
  readonly subjectHref: string;
  readonly headline: string;
  readonly tone: Tone;
  readonly steps: readonly StepModel[];
  readonly chips: readonly ChipModel[];
  /** While nothing is sent, so that it can be undone. */
  readonly undo: UndoModel | undefined;
  readonly withdraw: string;
  readonly isFinal: boolean;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly params: readonly { readonly label: string; readonly value: string }[];
  /** The body with which a program asks for the same. Secrets are left out. */
  readonly asRequest: string;
}

export interface OperationRow {
  readonly href: string;
  readonly title: string;
  readonly subject: string;
  readonly subjectHref: string;
  readonly state: string;
  readonly tone: Tone;
  readonly actor: string;
  readonly at: TimeModel;
  readonly undo: UndoModel | undefined;
  readonly chips: readonly ChipModel[];
}

/** The name of what an operation changes. */
export function subjectName(subject: Subject): string {
  if (subject.kind === 'account') return subject.account;
  return subject.kind === 'server' ? 'server' : subject.name;
}

function subjectHref(subject: Subject): string {
  return subject.kind === 'account' ? `/accounts/${encodeURIComponent(subject.account)}` : '';
}

/** A row of an operations list. */
export function operationRow(view: OperationView, reader: Reader): OperationRow {
  return {
    href: `/operations/${view.id}`,
    title: view.title,
    subject: subjectName(view.subject),
    subjectHref: subjectHref(view.subject),
    state: stateWord(view, reader),
    tone: toneOf(view),
    actor: view.actor,
    at: ago(view.acceptedAt, reader),
    undo: undoModel(view, reader),
    chips: view.legs.map((leg) => legChip(leg, view.id, reader)),
  };
}

/** The operation's own page. */
export function operationModel(view: OperationView, reader: Reader): OperationModel {
  const undo = undoModel(view, reader);
  return {
    id: view.id,
    title: view.title,
    subject: subjectName(view.subject),
    subjectHref: subjectHref(view.subject),
    headline: headline(view, reader),
    tone: toneOf(view),
    steps: [
      acceptedStep(view, reader),
      ...leadFirst(view).map((leg) => legStep(view, leg, reader)),
      lastStep(view, reader),
    ],
    chips: view.legs.map((leg) => legChip(leg, view.id, reader)),
    undo,
    withdraw: view.canWithdraw && undo === undefined ? `/operations/${view.id}/withdraw` : '',
    isFinal: view.finalAt !== undefined,
    facts: [
      { label: reader.say('operation.one'), value: view.id },
      { label: reader.say('operation.action'), value: view.action },
      { label: reader.say('operation.asked-by'), value: `${view.actor} (${view.door})` },
      { label: reader.say('operation.leads'), value: reader.names(view.lead) },
    ],
    params: Object.entries(view.params).map(([label, value]) => ({ label, value: valueText(value) })),
    asRequest: asRequest(view),
  };
}

function asRequest({ action, params }: OperationView): string {
  return JSON.stringify({ action, params }, undefined, 2);
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function leadFirst(view: OperationView): readonly LegView[] {
  return [
    ...view.legs.filter((leg) => leg.master === view.lead),
    ...view.legs.filter((leg) => leg.master !== view.lead),
  ];
}

function stateWord(view: OperationView, reader: Reader): string {
  const { say } = reader;
  if (wasUndone(view)) return say('operation.state.undone');
  if (undoModel(view, reader) !== undefined) return say('operation.state.grace');
  const isHeld = view.finalAt === undefined && view.legs.some((leg) => leg.state === 'held');
  return say(`operation.state.${isHeld ? 'held' : view.state}`);
}

function toneOf(view: OperationView): Tone {
  if (view.finalAt === undefined && view.legs.some((leg) => leg.state === 'held')) return 'warn';
  const tones = {
    accepted: 'wait',
    following: 'busy',
    undecided: 'warn',
    done: 'good',
    refused: 'bad',
    withdrawn: 'none',
  } as const;
  return tones[view.state];
}

const emptyStep = { took: '', said: [], sentences: [], next: undefined, cause: undefined, buttons: [] } as const;

function acceptedStep(view: OperationView, reader: Reader): StepModel {
  return {
    ...emptyStep,
    id: 'accepted',
    title: reader.say('operation.accepted'),
    tone: 'good',
    symbol: '✓',
    word: reader.say('operation.accepted.kept'),
    at: clock(view.acceptedAt, reader),
    sentences: [reader.say('operation.accepted.by', { actor: view.actor })],
  };
}

function legStep(view: OperationView, leg: LegView, reader: Reader): StepModel {
  const { say, names, now } = reader;
  const name = names(leg.master);
  const chip = legChip(leg, view.id, reader);
  const at = leg.doneAt ?? leg.sentAt;
  return {
    id: `leg-${leg.master}`,
    title: leg.master === view.lead ? say('leg.leads', { name }) : name,
    tone: legTone(leg),
    symbol: chip.symbol.slice(0, 1),
    word: wordOf(view, leg, reader),
    at: at === undefined ? undefined : clock(at, reader),
    took: leg.sentAt !== undefined && leg.doneAt !== undefined ? duration(leg.sentAt, leg.doneAt, say) : '',
    said: leg.answers.map((answer) => ({ fn: answer.fn, reason: answer.reason })),
    sentences: legSentences(leg, say),
    next: leg.nextAt === undefined || isOver(leg, now) ? undefined : clock(leg.nextAt, reader),
    cause: undoModel(view, reader) === undefined ? causeModel(view, leg) : undefined,
    buttons: leg.choices.map((choice) => choiceButton(view, leg, choice, reader)),
  };
}

function wordOf(view: OperationView, leg: LegView, reader: Reader): string {
  const { say } = reader;
  const undo = undoModel(view, reader);
  if (undo !== undefined) return say('leg.grace', { time: clock(undo.until, reader).text });
  return say(leg.state === 'ready' && leg.error !== undefined ? 'leg.again' : `leg.${leg.state}`);
}

/** What waits for its master has no next time of its own. */
function isOver(leg: LegView, now: number): boolean {
  return leg.state === 'ready' && leg.nextAt !== undefined && Date.parse(leg.nextAt) <= now;
}

function choiceButton(view: OperationView, leg: LegView, choice: Choice, { say, names }: Reader): ButtonModel {
  const name = names(leg.master);
  const done = view.legs.filter((one) => one.master !== leg.master && one.state === 'done');
  const others = listed(
    done.map((one) => names(one.master)),
    say,
  );
  return {
    label: say(`choice.${choice}`, { name, others: others === '' ? say('operation.others') : others }),
    action: `/operations/${view.id}/legs/${leg.master}/${choice}`,
    help: say(`choice.${choice}.help`, { name }),
  };
}

function legSentences(leg: LegView, say: PortalSay): readonly string[] {
  const tries = leg.attempts > Math.max(1, leg.answers.length) ? [say('leg.calls', { count: leg.attempts })] : [];
  if (leg.error === undefined) return tries;
  return [leg.error.message, ...(leg.error.hint === undefined ? [] : [leg.error.hint]), ...tries];
}

/** A leg on hold is its own cause, and what is wrong stands there already; nothing links to the page that it is on. */
function causeModel(view: OperationView, leg: LegView): StepModel['cause'] {
  if (leg.waitsFor === undefined || leg.state === 'held') return undefined;
  const { sentence, operation } = leg.waitsFor;
  return { sentence, href: operation === undefined || operation === view.id ? '' : `/operations/${operation}` };
}

function legTone(leg: LegView): Tone {
  switch (leg.state) {
    case 'done':
      return 'good';
    case 'sent':
      return 'busy';
    case 'waiting':
    case 'ready':
      return 'wait';
    case 'doubt':
    case 'held':
      return 'warn';
    case 'refused':
      return 'bad';
    case 'skipped':
    case 'withdrawn':
      return 'none';
  }
}

function lastStep(view: OperationView, reader: Reader): StepModel {
  const { say } = reader;
  const base = { ...emptyStep, id: 'verified', title: say('operation.verified'), at: undefined };
  if (view.verifiedAt !== undefined) {
    const word = say('operation.verified.done');
    return { ...base, tone: 'good', symbol: '✓', word, at: clock(view.verifiedAt, reader) };
  }
  if (view.state === 'refused' || view.state === 'withdrawn') {
    return { ...base, tone: 'none', symbol: '–', word: say('operation.verified.nothing') };
  }
  const word = say(view.state === 'done' ? 'operation.verified.soon' : 'operation.verified.later');
  return { ...base, tone: 'wait', symbol: '…', word };
}
