import { type Change, mergeJournals } from '../zone/journal.ts';
import { applyEdits, type Edit, type Report, type Zone } from '../zone/model.ts';
import { parseZone } from '../zone/parse.ts';
import { stayingNames } from '../zone/places.ts';
import { isPreSigned } from '../zone/reports.ts';
import { restore } from '../zone/restore.ts';
import { isAhead, nextSerial, setSerial } from '../zone/serial.ts';
import { plannedFor, type SwitchRule } from '../zone/switch-zone.ts';
import type { Rules } from './rules.ts';
import type { ZoneState } from './state-line.ts';
import { type Care, careFor } from './ttl-care.ts';

/** What one zone is to say. */
export interface ZoneWish {
  /** Without the closing dot. */
  readonly zone: string;
  /** The active master of its account; '' for its home, whichever that is. */
  readonly active: string;
  /** The order's time, for the serial. */
  readonly instant: number;
}

/** A question whose answer shows that a zone was loaded. */
export interface Probe {
  /** Absolute, with the closing dot. */
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  /** An address that must be among the answers. */
  readonly address: string;
}

export type ZonePlan =
  | {
      readonly kind: 'write';
      readonly text: string;
      readonly state: ZoneState;
      /** Values that are written now. */
      readonly values: number;
      readonly probe: Probe | undefined;
      readonly reports: readonly Report[];
    }
  | {
      readonly kind: 'same';
      readonly state: ZoneState;
      readonly serial: number;
      readonly probe: Probe | undefined;
      readonly reports: readonly Report[];
    }
  | { readonly kind: 'left'; readonly line: number; readonly reason: string };

const signed = 'it is signed in its file; an edit would make the signatures wrong';

/**
 * Whose text a zone is that nothing is remembered of: the configured home's, unless all of its addresses that belong to a
 * master are one other's, as in a zone that was made there while the home was away.
 */
function guessHome(zone: Zone, rules: Rules): string {
  const owners = new Set<string>();
  const staying = stayingNames(zone, rules.config.stays);
  for (const { addresses, owner: name } of zone.records) {
    // 'www2' has M2's address wherever the zone was made.
    if (addresses.length === 0 || staying(name)) continue;
    for (const { key } of addresses) {
      const owner = rules.owners.get(key);
      if (owner !== undefined) owners.add(owner);
    }
  }
  const { home } = rules.config;
  const [only] = owners;
  return only !== undefined && owners.size === 1 ? only : home;
}

/**
 * The state that counts: the newest one, unless its write never took place (the file still has the serial from before
 * it), then the one before. Without any, the text is taken as it stands.
 */
function currentState(zone: Zone, name: string, known: readonly ZoneState[], rules: Rules): ZoneState {
  const [newest, before] = known;
  const { serial } = zone;
  const base = { zone: name, before: serial, after: serial, changes: [], care: [] };
  const fresh = (): ZoneState => {
    const home = guessHome(zone, rules);
    return { ...base, home, to: home };
  };
  if (newest === undefined) return fresh();
  const isWritten = newest.before === newest.after || serial !== newest.before;
  return isWritten ? newest : (before ?? fresh());
}

function ruleFor(rules: Rules, from: string, wish: ZoneWish): SwitchRule {
  const { stays, ttlAtMost } = rules.config;
  return {
    moves: rules.moves(from, wish.active),
    stays,
    hosts: rules.hosts,
    instant: wish.instant,
    ...(ttlAtMost === undefined ? {} : { ttlAtMost }),
  };
}

/** Edits of a zone that are not yet written, and the state that they lead to. */
interface Step {
  readonly edits: readonly Edit[];
  readonly state: ZoneState;
  readonly values: number;
  readonly probe: Probe | undefined;
  readonly reports: readonly Report[];
}

/** The first address that is written: an answer with it cannot be the old one. */
function probeOf(changes: readonly Change[], text: 'was' | 'now'): Probe | undefined {
  const one = changes.find(
    ({ kind, type, owner }) => kind === 'address' && (type === 'A' || type === 'AAAA') && !owner.includes('\\'),
  );
  if (one === undefined) return undefined;
  return { name: one.owner, type: one.type === 'A' ? 'A' : 'AAAA', address: one[text] };
}

/** An address of the active master that stands already. */
function standingProbe(zone: Zone, rules: Rules, active: string): Probe | undefined {
  const staying = stayingNames(zone, rules.config.stays);
  for (const { owner, type, addresses } of zone.records) {
    // A name that stays is answered so before a switch as well: it proves nothing.
    if ((type !== 'A' && type !== 'AAAA') || staying(owner)) continue;
    const slot = addresses.find(({ key }) => rules.owners.get(key) === active);
    if (slot !== undefined && !owner.includes('\\')) return { name: owner, type, address: slot.text };
  }
  return undefined;
}

const nothing = { edits: [], values: 0, probe: undefined, reports: [] };

/** Takes back what an earlier order did, when the zone is to be somewhere else now. */
function takeBack(zone: Zone, state: ZoneState, active: string): Step {
  const { changes, home } = state;
  if (changes.length === 0) return { ...nothing, state: { ...state, to: home } };
  if (state.to === active) return { ...nothing, state };
  const { edits, returned, kept } = restore(zone, { zone: zone.apex, changes });
  const probe = probeOf(returned, 'was');
  return { edits, state: { ...state, to: home, changes: [] }, values: returned.length, probe, reports: kept };
}

/** Moves what still has the home's addresses. Also finds what appeared since the zone was moved. */
function moveOn(zone: Zone, state: ZoneState, rules: Rules, wish: ZoneWish, looks: boolean): Step {
  if (state.home === wish.active) return { ...nothing, state };
  const planned = plannedFor(zone, ruleFor(rules, state.home, wish), looks);
  const { edits, reports } = planned;
  const first = { zone: zone.apex, changes: state.changes };
  const { changes } = mergeJournals(first, { zone: zone.apex, changes: planned.changes });
  const probe = probeOf(planned.changes, 'now');
  return { edits, state: { ...state, to: wish.active, changes }, values: planned.changes.length, probe, reports };
}

/** Both steps; the second one works on what the first one made. */
function steps(
  zone: Zone,
  state: ZoneState,
  rules: Rules,
  wish: ZoneWish,
  looks: boolean,
): readonly [at: Zone, done: Step] {
  const back = takeBack(zone, state, wish.active);
  if (back.edits.length === 0) {
    const on = moveOn(zone, back.state, rules, wish, looks);
    return [zone, { ...on, reports: [...back.reports, ...on.reports] }];
  }
  if (back.state.home === wish.active) return [zone, back];
  const again = parseZone(applyEdits(zone.text, back.edits), wish.zone);
  if (!again.ok) throw new Error(`${wish.zone}: our own edit cannot be read: line ${again.line}: ${again.reason}`);
  const on = moveOn(again.zone, back.state, rules, wish, looks);
  return [again.zone, { ...on, values: back.values + on.values, reports: [...back.reports, ...on.reports] }];
}

export interface PlanOptions {
  readonly serials?: readonly number[] | undefined;
  readonly isTouched?: boolean | undefined;
  /** TTL care; a zone that must be moved first is only moved. */
  readonly care?: Care | undefined;
  /** Whether to say what is suspicious; a run that changes zones has nobody to tell it to. */
  readonly looks?: boolean;
}

/** What is to be done, and TTL care where nothing else is. */
function stepsWithCare(
  zone: Zone,
  current: ZoneState,
  rules: Rules,
  wish: ZoneWish,
  { care, looks = true }: Pick<PlanOptions, 'care' | 'looks'>,
): readonly [at: Zone, done: Step] {
  const [at, step] = steps(zone, current, rules, wish, looks);
  if (care === undefined || step.edits.length > 0 || at !== zone) return [at, step];
  const cared = careFor(zone, step.state, rules, care);
  return [at, { ...cared, probe: undefined, reports: [...step.reports, ...cared.reports] }];
}

/**
 * What to write so that a zone says what is wished. Planned again from its own result it is 'same'. `known` are the
 * newest remembered state and the one before it; `serials` what name servers answer, which a touched file must be ahead
 * of. The text has one character a byte.
 */
export function planZone(
  text: string,
  given: ZoneWish,
  known: readonly ZoneState[],
  rules: Rules,
  { serials = [], isTouched = false, ...how }: PlanOptions = {},
): ZonePlan {
  const found = parseZone(text, given.zone);
  if (!found.ok) return { kind: 'left', line: found.line, reason: found.reason };
  const { zone } = found;
  const current = currentState(zone, given.zone, known, rules);
  const wish = given.active === '' ? { ...given, active: current.home } : given;
  const [at, step] = stepsWithCare(zone, current, rules, wish, how);
  const { edits, state, values, reports } = step;
  const probe = step.probe ?? standingProbe(zone, rules, wish.active);
  const isBehind = isTouched && serials.some((answered) => !isAhead(zone.serial, answered));
  if (edits.length === 0 && at === zone && !isBehind) {
    return { kind: 'same', state, serial: zone.serial, probe: standingProbe(zone, rules, wish.active), reports };
  }
  if (isPreSigned(zone)) return { kind: 'left', line: 1, reason: signed };
  const serial = nextSerial([zone.serial, ...serials], wish.instant);
  const fresh = applyEdits(at.text, [...edits, setSerial(at, serial)]);
  return {
    kind: 'write',
    text: fresh,
    state: { ...state, before: zone.serial, after: serial },
    values,
    probe,
    reports,
  };
}
