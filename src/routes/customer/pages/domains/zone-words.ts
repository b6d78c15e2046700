/** What of a zone a customer may change, and its lines in the visitor's language. Pure but for the masters' addresses. */
import { isOwnName } from '../../../../actions/own-names/names.ts';
import type { ZoneRecord } from '../../../../actions/zone.ts';
import type { Masters } from '../../../../masters.ts';
import { textOf, type ZoneChange } from '../../../portal/present/zone-text.ts';
import type { DifferenceLine } from '../../../portal/sheet.ts';
import type { CustomerSay } from '../../texts/index.ts';

/** Stands for a master's own host name, which customers never see; in the action it is the first master's again. */
export const serverName = 'your-server.invalid.';

/** The records as customers see them. Each master puts its own name into some, such as those of CalDAV. */
export function veiled(masters: Pick<Masters, 'list'>, records: readonly ZoneRecord[]): readonly ZoneRecord[] {
  const names = new Set(masters.list.map(({ hostname }) => `${hostname}.`));
  return records.map((record) => ({ ...record, data: record.data.map((one) => (names.has(one) ? serverName : one)) }));
}

/** The way back; an edit of a zone gives every master its own name in place of another's. */
export function unveiled(masters: Pick<Masters, 'list'>, text: string): string {
  return text.replaceAll(serverName, `${masters.list[0]?.hostname ?? 'localhost'}.`);
}

/** A name as it is told within its zone: 'www', and the zone itself in full. */
export function within(zone: string, name: string): string {
  if (name === `${zone}.`) return zone;
  return name.endsWith(`.${zone}.`) ? name.slice(0, -zone.length - 2) : name;
}

/**
 * Why a record is locked. 'server': it names one server for good. 'own': the zone's name servers and its own head. 'moves': it names the server that the site
 * is on, and Tandem changes it when the site moves.
 */
export type Lock = 'own' | 'moves' | 'server';

type Locking = Pick<Masters, 'owns' | 'list'>;

/** Why a customer may not simply change a record; undefined: it may. */
export function lockOf(masters: Locking, zone: string, record: ZoneRecord): Lock | undefined {
  if (record.type === 'SOA') return 'own';
  if (record.type === 'NS' && record.name === `${zone}.`) return 'own';
  if (record.data.includes(serverName)) return 'moves';
  const isAddress = record.type === 'A' || record.type === 'AAAA';
  // A name that a customer made for a purpose of their own stays theirs.
  if (isAddress && isOwnName(masters, zone, record.name) && masters.owns(record.data[0] ?? '')) return 'server';
  return isAddress && masters.owns(record.data[0] ?? '') ? 'moves' : undefined;
}

/** The locks that a change would touch. */
export function touchedLocks(masters: Locking, zone: string, change: ZoneChange): ReadonlySet<Lock> {
  const gone = [...change.remove, ...change.edit.map(({ from }) => from)];
  return new Set(gone.flatMap((record) => lockOf(masters, zone, record) ?? []));
}

/** The difference as lines, in the visitor's language. */
export function linesOf(change: ZoneChange, say: CustomerSay): readonly DifferenceLine[] {
  const line = (state: DifferenceLine['state'], symbol: string, before: string, after: string): DifferenceLine => ({
    state,
    symbol,
    word: say(`zones.${state}`),
    before,
    after,
  });
  return [
    ...change.remove.map((one) => line('removed', '−', textOf(one), '')),
    ...change.edit.map(({ from, to }) => line('changed', '≠', textOf(from), textOf(to))),
    ...change.add.map((one) => line('added', '+', '', textOf(one))),
  ];
}
