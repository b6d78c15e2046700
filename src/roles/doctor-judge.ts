/** What `tandem doctor` makes of what it read. Pure: the reading stands in doctor.ts and doctor-master.ts. */
import type { Masters } from '../masters.ts';

/** One thing that was looked at. */
export interface DoctorCheck {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly sentence: string;
  /** What to do about it. */
  readonly hint?: string;
}

const DAY_MS = 86_400_000;
const FEW_DAYS = 21;
const CLOCK_MS = 5000;
/** So many are named in a sentence; the rest is counted. */
const NAMED = 5;

/** '1 worker', '2 workers'. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

function listed(items: readonly string[]): string {
  const rest = items.length - NAMED;
  return rest > 0 ? `${items.slice(0, NAMED).join(', ')} and ${rest} more` : items.join(', ');
}

/** Whether a certificate ends soon. Times in milliseconds since 1970. */
export function judgeExpiry(check: string, whose: string, validTo: number, now: number): DoctorCheck {
  const days = Math.floor((validTo - now) / DAY_MS);
  const date = new Date(validTo).toISOString().slice(0, 10);
  const hint = `Renew ${whose} before ${date}.`;
  if (days < 0)
    return { check, state: 'failed', sentence: `${begun(whose)} ended on ${date}.`, hint: `Renew ${whose}.` };
  const sentence = `${begun(whose)} is good for ${counted(days, 'more day')}, until ${date}.`;
  return days < FEW_DAYS ? { check, state: 'warning', sentence, hint } : { check, state: 'ok', sentence };
}

function begun(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A master's clock against ours, by the Date of an answer, which is told in whole seconds. */
export function judgeClock(check: string, name: string, date: number, before: number, after: number): DoctorCheck {
  const off = date + 1000 < before ? before - date : Math.max(0, date - after);
  const sentence = `The clock of ${name} differs from this machine's by ${off < 1000 ? 'less than a second' : counted(Math.round(off / 1000), 'second')}.`;
  if (off <= CLOCK_MS) return { check, state: 'ok', sentence };
  return { check, state: 'warning', sentence, hint: 'Set both by NTP.' };
}

/** An address as WHM lists it; behind NAT the public one is another. */
export interface ListedAddress {
  readonly ip: string;
  readonly publicIp: string;
}

/** Each address of a master needs its counterpart on every other one, else what uses it cannot be translated. */
export function judgeAddresses(
  check: string,
  id: string,
  masters: Masters,
  addresses: readonly ListedAddress[],
): DoctorCheck {
  const { name } = masters.get(id);
  const paired = masters.pairs.flatMap((pair) => pair.addresses[id] ?? []);
  const alone = addresses.filter((a) => !paired.includes(a.ip) && !paired.includes(a.publicIp)).map((a) => a.publicIp);
  const gone = paired.filter((address) => !addresses.some((a) => a.ip === address || a.publicIp === address));
  if (gone.length > 0) {
    const sentence = `tandem.yaml gives ${name} ${listed(gone)}, which ${name} does not have.`;
    return { check, state: 'failed', sentence, hint: 'Correct masters and addressPairs in tandem.yaml.' };
  }
  if (alone.length > 0) {
    const sentence = `${name} has ${listed(alone)}, which no address pair names.`;
    return {
      check,
      state: 'warning',
      sentence,
      hint: 'Add each to addressPairs with its counterpart on the other masters.',
    };
  }
  return {
    check,
    state: 'ok',
    sentence: `${name} has ${counted(addresses.length, 'address', 'addresses')}, with a counterpart on every other master.`,
  };
}

/** What is known to differ, in the words in which it was noted. */
export function judgeDrift(sentences: readonly string[]): DoctorCheck {
  const check = 'drift';
  if (sentences.length === 0) return { check, state: 'ok', sentence: 'No difference between the masters is known.' };
  const many = counted(sentences.length, 'difference');
  return {
    check,
    state: 'warning',
    sentence: `${many} between the masters: ${listed(sentences)}.`,
    hint: 'Make the masters alike, or do the change once more through Tandem.',
  };
}

export interface ListedAccount {
  readonly user: string;
  readonly uid: number;
}

/** What the journal knows of its range: the last number that it gave. */
export interface UidRange {
  readonly from: number;
  readonly to: number;
  /** Absent while none was given. */
  readonly last?: number;
}

/** Accounts inside the reserved range with a number that the journal has not given yet: it will want to give it. */
export function judgeUids(
  check: string,
  name: string,
  accounts: readonly ListedAccount[],
  range: UidRange,
): DoctorCheck {
  const next = Math.max(range.from, (range.last ?? range.from - 1) + 1);
  const words = `uids ${range.from} to ${range.to}`;
  const strange = accounts.filter((a) => a.uid >= next && a.uid <= range.to).map((a) => `${a.user} (${a.uid})`);
  if (strange.length > 0) {
    const sentence = `The ${words} are not free on ${name}: ${listed(strange)}.`;
    return { check, state: 'failed', sentence, hint: 'Choose another uidRange in tandem.yaml, free on all masters.' };
  }
  const left = range.to - next + 1;
  if (left < 100) {
    const sentence = `Only ${counted(left, 'number')} of the ${words} are left.`;
    return { check, state: 'warning', sentence, hint: 'Widen uidRange in tandem.yaml.' };
  }
  return { check, state: 'ok', sentence: `The ${words} are free on ${name} from ${next} on.` };
}
