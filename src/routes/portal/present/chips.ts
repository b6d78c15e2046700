import type { Chip, ChipState, LegState, LegView } from '../../../operations/model.ts';

/** A chip as the view draws it: shape, short name, and the words for hover and screen readers. */
export interface ChipModel {
  readonly name: string;
  readonly state: ChipState;
  readonly symbol: string;
  readonly word: string;
  readonly sentence: string;
  readonly href: string;
}

const symbols: Readonly<Record<ChipState, string>> = {
  'in-step': '✓',
  queued: '…',
  running: '▸',
  retrying: '↻',
  held: '‖',
  refused: '✕',
  differs: '≠',
  unseen: '?',
};

const words: Readonly<Record<ChipState, string>> = {
  'in-step': 'in step',
  queued: 'queued',
  running: 'running',
  retrying: 'retrying',
  held: 'on hold',
  refused: 'refused',
  differs: 'differs',
  unseen: 'not seen lately',
};

/** Master id → short name. */
export type Names = (master: string) => string;

/** The chip of an account or another object. */
export function chipModel(chip: Chip, names: Names): ChipModel {
  return {
    name: names(chip.master),
    state: chip.state,
    symbol: symbols[chip.state],
    word: words[chip.state],
    sentence: chip.sentence,
    href: chip.operation === undefined ? '' : `/operations/${chip.operation}#leg-${chip.master}`,
  };
}

/** The chip of one leg of an operation. */
export function legChip(leg: LegView, operation: string, names: Names): ChipModel {
  const state = chipStateOf(leg);
  const sentence = leg.error?.message ?? leg.waitsFor?.sentence ?? legWords[leg.state];
  const chip = chipModel({ master: leg.master, state, sentence, operation }, names);
  const at = leg.nextAt === undefined || state !== 'retrying' ? '' : ` ${leg.nextAt.slice(11, 16)}`;
  // Nothing was ever to be done here any more.
  if (leg.state === 'withdrawn') return { ...chip, symbol: '–', word: 'not sent' };
  return { ...chip, symbol: `${chip.symbol}${at}` };
}

function chipStateOf(leg: LegView): ChipState {
  switch (leg.state) {
    case 'done':
      return 'in-step';
    case 'waiting':
    case 'withdrawn':
      return 'queued';
    case 'ready':
      return leg.attempts > 0 || leg.error !== undefined ? 'retrying' : 'queued';
    case 'sent':
      return 'running';
    case 'doubt':
      return 'retrying';
    case 'held':
      return 'held';
    case 'refused':
      return 'refused';
    case 'skipped':
      return 'differs';
  }
}

/** A leg's state in words. */
export const legWords: Readonly<Record<LegState, string>> = {
  waiting: 'waiting',
  ready: 'next in line',
  sent: 'sent, waiting for the answer',
  doubt: 'not known whether it happened; it is looked at soon',
  held: 'on hold: needs a person',
  done: 'done',
  refused: 'refused',
  skipped: 'skipped',
  withdrawn: 'withdrawn',
};
