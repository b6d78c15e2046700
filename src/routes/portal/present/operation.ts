import type { Subject } from '../../../actions/define.ts';
import type { Choice, LegView, OperationView } from '../../../operations/model.ts';
import { type ChipModel, legChip, legWords, type Names } from './chips.ts';
import { headline } from './headline.ts';
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
  readonly withdraw: string;
  readonly isFinal: boolean;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly params: readonly { readonly label: string; readonly value: string }[];
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
  readonly chips: readonly ChipModel[];
}

interface ChoiceWords {
  readonly label: (name: string, others: string) => string;
  readonly help: (name: string) => string;
}

const choiceWords: Readonly<Record<Choice, ChoiceWords>> = {
  retry: { label: (name) => `Retry on ${name}`, help: (name) => `Ask ${name} again now.` },
  adopt: {
    label: (name) => `Keep what is on ${name}`,
    help: (name) => `What ${name} has is right; the difference is listed as drift.`,
  },
  skip: {
    label: (name) => `Skip ${name}`,
    help: (name) => `Leave ${name} as it is; what was to be made is marked as missing there.`,
  },
  undo: {
    label: (_name, others) => `Undo on ${others}`,
    help: (name) => `Take it back, since ${name} will not have it.`,
  },
};

/** The name of what an operation changes. */
export function subjectName(subject: Subject): string {
  if (subject.kind === 'account') return subject.account;
  return subject.kind === 'server' ? 'server' : subject.name;
}

function subjectHref(subject: Subject): string {
  return subject.kind === 'account' ? `/accounts/${encodeURIComponent(subject.account)}` : '';
}

/** A row of an operations list. */
export function operationRow(view: OperationView, names: Names, now: number): OperationRow {
  return {
    href: `/operations/${view.id}`,
    title: view.title,
    subject: subjectName(view.subject),
    subjectHref: subjectHref(view.subject),
    state: stateWord(view),
    tone: toneOf(view),
    actor: view.actor,
    at: ago(view.acceptedAt, now),
    chips: view.legs.map((leg) => legChip(leg, view.id, names)),
  };
}

/** The operation's own page. */
export function operationModel(view: OperationView, names: Names, now: number): OperationModel {
  return {
    id: view.id,
    title: view.title,
    subject: subjectName(view.subject),
    subjectHref: subjectHref(view.subject),
    headline: headline(view, names),
    tone: toneOf(view),
    steps: [
      acceptedStep(view, now),
      ...leadFirst(view).map((leg) => legStep(view, leg, names, now)),
      lastStep(view, now),
    ],
    chips: view.legs.map((leg) => legChip(leg, view.id, names)),
    withdraw: view.canWithdraw ? `/operations/${view.id}/withdraw` : '',
    isFinal: view.finalAt !== undefined,
    facts: [
      { label: 'Operation', value: view.id },
      { label: 'Action', value: view.action },
      { label: 'Asked by', value: `${view.actor} (${view.door})` },
      { label: 'Leads', value: names(view.lead) },
    ],
    params: Object.entries(view.params).map(([label, value]) => ({ label, value: valueText(value) })),
  };
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

function stateWord(view: OperationView): string {
  if (view.finalAt === undefined && view.legs.some((leg) => leg.state === 'held')) return 'on hold';
  return {
    accepted: 'waiting',
    following: 'following',
    undecided: 'undecided',
    done: 'done',
    refused: 'refused',
    withdrawn: 'withdrawn',
  }[view.state];
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

function acceptedStep(view: OperationView, now: number): StepModel {
  return {
    ...emptyStep,
    id: 'accepted',
    title: 'Accepted',
    tone: 'good',
    symbol: '✓',
    word: 'kept in the journal',
    at: clock(view.acceptedAt, now),
    sentences: [`Asked by ${view.actor}.`],
  };
}

function legStep(view: OperationView, leg: LegView, names: Names, now: number): StepModel {
  const name = names(leg.master);
  const chip = legChip(leg, view.id, names);
  const at = leg.doneAt ?? leg.sentAt;
  return {
    id: `leg-${leg.master}`,
    title: leg.master === view.lead ? `${name} (leads)` : name,
    tone: legTone(leg),
    symbol: chip.symbol.slice(0, 1),
    word: wordOf(leg),
    at: at === undefined ? undefined : clock(at, now),
    took: leg.sentAt !== undefined && leg.doneAt !== undefined ? duration(leg.sentAt, leg.doneAt) : '',
    said: leg.answers.map((answer) => ({ fn: answer.fn, reason: answer.reason })),
    sentences: legSentences(leg),
    next: leg.nextAt === undefined || isOver(leg, now) ? undefined : clock(leg.nextAt, now),
    cause: causeModel(view, leg),
    buttons: leg.choices.map((choice) => choiceButton(view, leg, choice, names)),
  };
}

function wordOf(leg: LegView): string {
  return leg.state === 'ready' && leg.error !== undefined ? 'not done yet; it is tried again' : legWords[leg.state];
}

/** What waits for its master has no next time of its own. */
function isOver(leg: LegView, now: number): boolean {
  return leg.state === 'ready' && leg.nextAt !== undefined && Date.parse(leg.nextAt) <= now;
}

function choiceButton(view: OperationView, leg: LegView, choice: Choice, names: Names): ButtonModel {
  const words = choiceWords[choice];
  const name = names(leg.master);
  const others = view.legs.filter((one) => one.master !== leg.master && one.state === 'done');
  return {
    label: words.label(name, others.map((one) => names(one.master)).join(' and ') || 'the others'),
    action: `/operations/${view.id}/legs/${leg.master}/${choice}`,
    help: words.help(name),
  };
}

function legSentences(leg: LegView): readonly string[] {
  const tries = leg.attempts > Math.max(1, leg.answers.length) ? [`${leg.attempts} calls were sent.`] : [];
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

function lastStep(view: OperationView, now: number): StepModel {
  const base = { ...emptyStep, id: 'verified', title: 'Verified', at: undefined };
  if (view.verifiedAt !== undefined) {
    const word = 'read back from every master and compared';
    return { ...base, tone: 'good', symbol: '✓', word, at: clock(view.verifiedAt, now) };
  }
  if (view.state === 'refused' || view.state === 'withdrawn') {
    return { ...base, tone: 'none', symbol: '–', word: 'nothing to compare' };
  }
  const word =
    view.state === 'done' ? 'soon: every master is read back and compared' : 'comes after all masters have it';
  return { ...base, tone: 'wait', symbol: '…', word };
}
