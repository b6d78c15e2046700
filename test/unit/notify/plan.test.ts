import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Contact,
  type DeliveryState,
  deliveryId,
  type OpenEvent,
  type Telling,
} from '../../../src/notify/model.ts';
import { type PeerView, plan, type Situation } from '../../../src/notify/plan.ts';
import { isQuiet, minuteOfDay } from '../../../src/notify/quiet.ts';

const minute = 60_000;
const start = Date.UTC(2026, 10, 28, 12, 0);
const dead: OpenEvent = { key: 'dead:m1', severity: 'critical', at: start, heardAt: start, sentence: 'M1 is dead' };
const full: OpenEvent = { key: 'disk:m1', severity: 'warning', at: start, heardAt: start, sentence: 'M1 disk 91 %' };
const ana: Contact = { name: 'ana', sms: '+491', least: 'warning', afterMs: 0 };
const bob: Contact = { name: 'bob', sms: '+492', least: 'critical', afterMs: 10 * minute };
const repetition = { everyMs: 5 * minute, most: 3 };

function idOf(event: string, contact: string, telling: Telling = { kind: 'begun', n: 1 }): string {
  return deliveryId({ event, contact, channel: 'sms', telling });
}
function delivered(at: number, by = 's3'): DeliveryState {
  return { state: 'delivered', at, tries: 1, by };
}
function planned(more: Partial<Situation>) {
  const { deliveries, next } = plan({
    events: [dead],
    contacts: [ana, bob],
    sent: new Map(),
    repetition,
    peer: undefined,
    now: start,
    ...more,
  });
  return { ids: deliveries.map((d) => d.id), next: next === undefined ? undefined : (next - start) / minute };
}

describe('what is sent now', () => {
  it('the first contact at once, the next when nobody has acknowledged it for so long', () => {
    expect(planned({})).toEqual({ ids: [idOf('dead:m1', 'ana')], next: 10 });
    expect(
      planned({ now: start + 10 * minute, sent: new Map([[idOf('dead:m1', 'ana'), delivered(start)]]) }).ids,
    ).toEqual([idOf('dead:m1', 'ana', { kind: 'begun', n: 2 }), idOf('dead:m1', 'bob')]);
  });

  it('nothing twice, and again after the pause, at most so often', () => {
    const sent = new Map([[idOf('dead:m1', 'ana'), delivered(start)]]);
    expect(planned({ sent })).toEqual({ ids: [], next: 5 });
    const thrice = new Map([1, 2, 3].map((n) => [idOf('dead:m1', 'ana', { kind: 'begun', n }), delivered(start)]));
    expect(planned({ sent: thrice, contacts: [ana], now: start + 600 * minute })).toEqual({ ids: [], next: undefined });
  });

  it('nothing to anybody once it is acknowledged', () => {
    const event = { ...dead, acknowledged: { at: start, by: 'ana' } };
    expect(planned({ events: [event], now: start + 60 * minute })).toEqual({ ids: [], next: undefined });
  });

  it('what is less than a contact wants is not told', () => {
    expect(planned({ events: [full], now: start + 60 * minute }).ids).toEqual([idOf('disk:m1', 'ana')]);
  });

  it('that it is over, to those who were told that it began, once', () => {
    const over = { ...dead, over: { at: start + minute, sentence: 'M1 answers again' } };
    const sent = new Map([[idOf('dead:m1', 'ana'), delivered(start)]]);
    const end = idOf('dead:m1', 'ana', { kind: 'over' });
    expect(planned({ events: [over], sent, now: start + 60 * minute })).toEqual({ ids: [end], next: undefined });
    sent.set(end, delivered(start + minute));
    expect(planned({ events: [over], sent, now: start + 60 * minute }).ids).toEqual([]);
  });

  it('who could not be told while it lasted gets beginning and end in one', () => {
    const over = { ...dead, over: { at: start + minute, sentence: 'M1 answers again' } };
    const failed: DeliveryState = { state: 'failed', at: start, tries: 4, by: 's3', notBefore: start + 2 * minute };
    const sent = new Map([[idOf('dead:m1', 'ana'), failed]]);
    expect(planned({ events: [over], sent, now: start + 3 * minute }).ids).toEqual([
      idOf('dead:m1', 'ana', { kind: 'over' }),
    ]);
  });

  it('after a failure not before its pause has passed', () => {
    const failed: DeliveryState = { state: 'failed', at: start, tries: 1, by: 's3', notBefore: start + 2 * minute };
    const sent = new Map([[idOf('dead:m1', 'ana'), failed]]);
    expect(planned({ sent, contacts: [ana] })).toEqual({ ids: [], next: 2 });
  });

  it('in quiet hours only what is critical; the rest at their end', () => {
    const quiet = { from: 22 * 60, to: 7 * 60, zone: 'Europe/Berlin' };
    const sleeper = { ...ana, quiet };
    const night = Date.UTC(2026, 10, 28, 23, 10); // 00:10 in Berlin
    const events = [
      { ...dead, heardAt: night },
      { ...full, heardAt: night },
    ];
    const asked = plan({ events, contacts: [sleeper], sent: new Map(), repetition, peer: undefined, now: night });
    expect(asked.deliveries.map((d) => d.id)).toEqual([idOf('dead:m1', 'ana')]);
    expect(asked.next).toBe(Date.UTC(2026, 10, 29, 6, 0));
  });
});

describe('two watchers that see the same', () => {
  const first: PeerView = { graceMs: 0, silentSince: undefined };
  const second: PeerView = { graceMs: minute, silentSince: undefined };

  it('the second leaves the first the word', () => {
    expect(planned({ peer: first }).ids).toHaveLength(1);
    expect(planned({ peer: second })).toEqual({ ids: [], next: 1 });
  });

  it('the second speaks at once when the first is silent, and when the first had its chance', () => {
    expect(planned({ peer: { ...second, silentSince: start - minute } }).ids).toHaveLength(1);
    expect(planned({ peer: second, now: start + minute }).ids).toHaveLength(1);
  });

  it('what the first delivered the second does not', () => {
    const sent = new Map([[idOf('dead:m1', 'ana'), delivered(start, 's3')]]);
    expect(planned({ peer: second, sent, contacts: [ana], now: start + minute }).ids).toEqual([]);
  });
});

interface Step {
  readonly waitMs: number;
  readonly fails: boolean;
  readonly acknowledges: boolean;
  readonly ends: boolean;
}

/** The event after a step: acknowledged or over, each only once and nothing after its end. */
function after(event: OpenEvent, { acknowledges, ends }: Step, now: number): OpenEvent {
  if (event.over !== undefined) return event;
  return {
    ...event,
    ...(acknowledges ? { acknowledged: { at: now, by: 'ana' } } : {}),
    ...(ends ? { over: { at: now, sentence: 'over' } } : {}),
  };
}

/** Plays the steps and returns the ids of what was delivered, in order. */
function play(steps: readonly Step[]): readonly string[] {
  let event = dead;
  let now = start;
  const sent = new Map<string, DeliveryState>();
  const got: string[] = [];
  for (const one of steps) {
    now += one.waitMs;
    const { deliveries } = plan({ events: [event], contacts: [ana, bob], sent, repetition, peer: undefined, now });
    if (event.acknowledged !== undefined && event.over === undefined) expect(deliveries).toEqual([]);
    const failed: DeliveryState = { state: 'failed', at: now, tries: 1, by: 's3', notBefore: now + 1 };
    for (const { id } of deliveries) sent.set(id, one.fails ? failed : delivered(now));
    if (!one.fails) got.push(...deliveries.map(({ id }) => id));
    event = after(event, one, now);
  }
  return got;
}

describe('for every course of events', () => {
  const rarely = fc.integer({ min: 0, max: 9 }).map((n) => n === 0);
  const waitMs = fc.integer({ min: 0, max: 12 * minute });
  const step = fc.record({ waitMs, fails: fc.boolean(), acknowledges: rarely, ends: rarely });

  it('each contact gets each telling once, in order, the end last, and nothing after an acknowledgement', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const got = play(steps);
        expect(new Set(got).size).toBe(got.length);
        for (const name of ['ana', 'bob']) {
          const mine = got.filter((id) => id.includes(`|${name}|`)).map((id) => id.split('|')[3] ?? '');
          const wanted = ['begun 1', 'begun 2', 'begun 3'].slice(0, mine.filter((t) => t !== 'over').length);
          expect(mine).toEqual(mine.includes('over') ? [...wanted, 'over'] : wanted);
        }
      }),
    );
  });
});

describe('quiet hours', () => {
  it.each([
    ['over midnight, before', { from: 1320, to: 420, zone: 'UTC' }, Date.UTC(2026, 0, 1, 21, 59), false],
    ['over midnight, first minute', { from: 1320, to: 420, zone: 'UTC' }, Date.UTC(2026, 0, 1, 22, 0), true],
    ['over midnight, after midnight', { from: 1320, to: 420, zone: 'UTC' }, Date.UTC(2026, 0, 1, 3, 0), true],
    ['over midnight, the end', { from: 1320, to: 420, zone: 'UTC' }, Date.UTC(2026, 0, 1, 7, 0), false],
    ['within a day', { from: 720, to: 780, zone: 'UTC' }, Date.UTC(2026, 0, 1, 12, 30), true],
    ['no length', { from: 720, to: 720, zone: 'UTC' }, Date.UTC(2026, 0, 1, 12, 0), false],
  ])('%s', (_what, hours, at, quiet) => {
    expect(isQuiet(hours, at)).toBe(quiet);
  });

  it('go by the zone’s own clock, summer time too', () => {
    expect(minuteOfDay(Date.UTC(2026, 6, 1, 12, 0), 'Europe/Berlin')).toBe(14 * 60);
    expect(minuteOfDay(Date.UTC(2026, 0, 1, 12, 0), 'Europe/Berlin')).toBe(13 * 60);
  });
});
