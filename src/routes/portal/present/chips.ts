import type { Chip, ChipState, LegView } from '../../../operations/model.ts';
import type { Reader } from './reader.ts';

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

/** The chip of an account or another object. */
export function chipModel(chip: Chip, { say, names }: Pick<Reader, 'say' | 'names'>): ChipModel {
  return {
    name: names(chip.master),
    state: chip.state,
    symbol: symbols[chip.state],
    word: say(`chip.${chip.state}`),
    sentence: chip.sentence,
    href: chip.operation === undefined ? '' : `/operations/${chip.operation}#leg-${chip.master}`,
  };
}

/** The chip of one leg of an operation. */
export function legChip(leg: LegView, operation: string, reader: Reader): ChipModel {
  const { say } = reader;
  const state = chipStateOf(leg);
  const sentence = leg.error?.message ?? leg.waitsFor?.sentence ?? say(`leg.${leg.state}`);
  const chip = chipModel({ master: leg.master, state, sentence, operation }, reader);
  const at = leg.nextAt === undefined || state !== 'retrying' ? '' : ` ${leg.nextAt.slice(11, 16)}`;
  // Nothing was ever to be done here any more.
  if (leg.state === 'withdrawn') return { ...chip, symbol: '–', word: say('chip.withdrawn') };
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
