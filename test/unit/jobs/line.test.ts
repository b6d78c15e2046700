import { describe, expect, it } from 'vitest';
import { LeaseLost } from '../../../src/errors.ts';
import { Line } from '../../../src/jobs/line.ts';

/** Lets everything that is ready go on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const long = 60_000;

/** A line with a clock and a size of our own, and who got what. */
function lineOf(places: number) {
  const world = { places, now: 0 };
  const line = new Line(
    () => world.places,
    () => world.now,
  );
  const got: string[] = [];
  async function enter(name: string) {
    const leave = await line.enter();
    got.push(name);
    return leave;
  }
  async function reserve(name: string) {
    const reserved = await line.reserve();
    got.push(name);
    return reserved;
  }
  return { line, world, got, enter, reserve };
}

describe('a line of calls', () => {
  it('lets in no more than there is room for, and the next when one leaves', async () => {
    const { line, got, enter } = lineOf(2);
    const first = enter('a');
    for (const name of ['b', 'c', 'd']) void enter(name);
    await settled();
    expect(got).toEqual(['a', 'b']);
    (await first)();
    await settled();
    expect(got).toEqual(['a', 'b', 'c']);
    expect(line.inFlight).toBe(2);
  });

  it('promises no place ahead while calls take long', async () => {
    const { world, got, enter, reserve } = lineOf(2);
    const first = enter('a');
    void enter('b');
    void reserve('c');
    await settled();
    expect(got).toEqual(['a', 'b']);
    world.now = 1000;
    (await first)();
    await settled();
    expect(got).toEqual(['a', 'b', 'c']);
  });

  it.each([
    { noteMs: 0, callMs: 1000, ahead: [] },
    { noteMs: 1, callMs: 1000, ahead: ['g'] },
    { noteMs: 15, callMs: 30, ahead: ['g', 'h'] },
    { noteMs: 300, callMs: 30, ahead: ['g', 'h', 'i', 'j'] },
  ])('promises while calls end one after the other what is left in the time of a note: %o', async (times) => {
    const { world, got, enter, reserve } = lineOf(4);
    const noted = await reserve('a');
    world.now += times.noteMs;
    const leave = await noted.enter(long);
    for (const name of ['b', 'c', 'd', 'e', 'f']) void enter(name);
    world.now += times.callMs;
    leave?.();
    await settled();
    for (const name of ['g', 'h', 'i', 'j', 'k']) void reserve(name);
    await settled();
    expect(got).toEqual(['a', 'b', 'c', 'd', 'e', ...times.ahead]);
  });

  it('keeps to its size, however many were noted', async () => {
    const { line, world, got, enter, reserve } = lineOf(4);
    const noted = await reserve('a');
    world.now += 15;
    const first = await noted.enter(long);
    for (const name of ['b', 'c', 'd', 'e']) void enter(name);
    world.now += 30;
    first?.();
    await settled();
    const promised = ['f', 'g', 'h'].map(reserve);
    await settled();
    expect(got.slice(5)).toEqual(['f', 'g']);
    let entered = 0;
    for (const one of promised.slice(0, 2)) void one.then((r) => r.enter(long)).then(() => entered++);
    await settled();
    expect([line.inFlight, entered]).toEqual([4, 0]);
  });

  it('lets in what was noted before everybody else', async () => {
    const { line, got, enter, reserve } = lineOf(1);
    const reserved = await reserve('a');
    void enter('look');
    await settled();
    const leave = await reserved.enter(long);
    expect(line.inFlight).toBe(1);
    expect(got).toEqual(['a']);
    leave?.();
    await settled();
    expect(got).toEqual(['a', 'look']);
  });

  it('gives up a promise that is not used, once', async () => {
    const { got, enter, reserve } = lineOf(1);
    const reserved = await reserve('a');
    void enter('b');
    void enter('c');
    reserved.giveUp();
    reserved.giveUp();
    await settled();
    expect(got).toEqual(['a', 'b']);
  });

  it('tells who was noted that no place came free in time, and gives the place to the next', async () => {
    const { line, world, got, enter, reserve } = lineOf(1);
    const reserved = await reserve('a');
    world.places = 0;
    expect(await reserved.enter(1)).toBeUndefined();
    reserved.giveUp();
    world.places = 1;
    void enter('b');
    await settled();
    expect(got).toEqual(['a', 'b']);
    expect(line.inFlight).toBe(1);
  });

  it('that closes sends away who waits and still lets in what was noted', async () => {
    const { line, enter, reserve } = lineOf(1);
    const reserved = await reserve('a');
    const waiting = [enter('b'), reserve('c')];
    line.close();
    for (const one of waiting) await expect(one).rejects.toBeInstanceOf(LeaseLost);
    await expect(line.enter()).rejects.toBeInstanceOf(LeaseLost);
    expect(await reserved.enter(long)).toBeTypeOf('function');
  });

  it('a place that is left twice is free once', async () => {
    const { got, enter } = lineOf(1);
    const leave = await enter('a');
    for (const name of ['b', 'c']) void enter(name);
    leave();
    leave();
    await settled();
    expect(got).toEqual(['a', 'b']);
  });
});
