import { createHmac } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { type Channel, type Message, NotSent } from '../../../src/notify/channels/channel.ts';
import { notifyCommand } from '../../../src/notify/command.ts';
import type { Contact, Event } from '../../../src/notify/model.ts';
import { type Notifier, startNotifier } from '../../../src/notify/notifier.ts';
import { openOutbox } from '../../../src/notify/outbox.ts';
import type { PeerView } from '../../../src/notify/plan.ts';
import { takeReport, takesReports } from '../../../src/notify/reports.ts';
import { testLog } from '../../support/log.ts';
import { tempDir } from '../../support/processes.ts';

const ana: Contact = { name: 'ana', sms: '+4915112345678', least: 'info', afterMs: 0 };
const dead: Event = { key: 'dead:m1', severity: 'critical', at: Date.now() - 3_600_000, sentence: 'M1 is dead' };

const dirs: { remove(): void }[] = [];
const running: { stop: AbortController; notifier: Notifier }[] = [];
afterEach(async () => {
  for (const { stop, notifier } of running.splice(0)) {
    stop.abort();
    await notifier.ended;
  }
  for (const dir of dirs.splice(0)) dir.remove();
});

function folder(): string {
  const dir = tempDir('tandem-notify');
  dirs.push(dir);
  return dir.path;
}

/** A way that keeps what it took; `fails` says how often it refuses first. */
function way(fails = 0): Channel & { readonly taken: Message[] } {
  let left = fails;
  const taken: Message[] = [];
  return {
    name: 'test',
    taken,
    async send(message) {
      if (left > 0) {
        left -= 1;
        throw new NotSent('the line is down', { afterMs: 1 });
      }
      taken.push(message);
      return { providerId: `id-${taken.length}` };
    },
  };
}

async function start(
  place: string,
  ways: readonly Channel[],
  more: { node?: string; peer?: () => PeerView; everyMs?: number } = {},
) {
  const stop = new AbortController();
  const notifier = await startNotifier({
    node: more.node ?? 's3',
    folder: place,
    contacts: [ana],
    repetition: { everyMs: more.everyMs ?? 3_600_000, most: 3 },
    channels: { sms: ways, email: [], webhook: [] },
    ...(more.peer === undefined ? {} : { peer: more.peer }),
    signal: stop.signal,
    clock: systemClock,
    log: testLog().log,
  });
  running.push({ stop, notifier });
  return { notifier, kill: () => stop.abort() };
}

describe('a node that warns', () => {
  it('tells each thing once, with the time when it began, and its end', async () => {
    const sms = way();
    const { notifier } = await start(folder(), [sms]);
    await notifier.raise(dead);
    await notifier.raise({ ...dead, sentence: 'M1 is still dead' });
    await vi.waitFor(() => expect(sms.taken).toHaveLength(1));
    expect(sms.taken[0]?.event).toMatchObject({ at: dead.at, sentence: 'M1 is dead' });
    await notifier.clear(dead.key, Date.now(), 'M1 answers again');
    await vi.waitFor(() => expect(sms.taken.map((m) => m.telling.kind)).toEqual(['begun', 'over']));
  });

  it('takes the second gateway when the first refuses', async () => {
    const [first, second] = [way(99), way()];
    const { notifier } = await start(folder(), [first, second]);
    await notifier.raise(dead);
    await vi.waitFor(() => expect(second.taken).toHaveLength(1));
    expect(first.taken).toEqual([]);
  });

  it('keeps what cannot be sent, and sends it when the way is open again, with the true time', async () => {
    const sms = way(1);
    const { notifier } = await start(folder(), [sms]);
    await notifier.raise(dead);
    await vi.waitFor(() => expect(sms.taken).toHaveLength(1), 15_000);
    expect(sms.taken[0]?.event.at).toBe(dead.at);
  });

  it('tells again until somebody has it, and no more after that', async () => {
    const sms = way();
    const place = folder();
    const { notifier } = await start(place, [sms], { everyMs: 100 });
    await notifier.raise(dead);
    await vi.waitFor(() => expect(sms.taken.map((m) => m.telling)).toContainEqual({ kind: 'begun', n: 2 }), 10_000);
    const config = { sms: [], contacts: [ana], repetition: { everyMs: 100, most: 3 } };
    const by = {
      config,
      node: 's3',
      folders: [place, folder()],
      by: 'ana',
      clock: systemClock,
      signal: new AbortController().signal,
    };
    expect((await notifyCommand(['ack', dead.key], by)).exit).toBe(0);
    await vi.waitFor(() => expect(notifier.events()[0]?.acknowledged?.by).toBe('ana'), 10_000);
    expect((await notifyCommand(['list'], by)).text).toContain('acknowledged');
    await expect(notifyCommand(['ack', 'no:such'], by)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('what its gateway lost on the way is owed again', async () => {
    const sms = way();
    const [place, strangers] = [folder(), folder()];
    const { notifier } = await start(place, [sms]);
    await notifier.raise(dead);
    await vi.waitFor(() => expect(notifier.sent().size).toBe(1));
    const gateway = { kind: 'twilio', url: 'https://sms.example.com/', account: 'AC1', from: '+4930' } as const;
    const callback = 'https://tandem.example.com/notify/sms';
    const config = {
      sms: [{ ...gateway, token: 't', callback }],
      contacts: [ana],
      repetition: { everyMs: 1, most: 1 },
    };
    const report = async (MessageSid: string, MessageStatus: string, token = 't'): Promise<boolean> => {
      const signed = `${callback}MessageSid${MessageSid}MessageStatus${MessageStatus}`;
      const signature = createHmac('sha1', token).update(signed).digest('base64');
      return takeReport(config, [place, strangers], signature, { MessageSid, MessageStatus });
    };
    expect(takesReports(config)).toBe(true);
    expect(takesReports({ ...config, sms: [{ ...gateway, token: 't' }] })).toBe(false);
    expect(await report('id-1', 'undelivered', 'another token')).toBe(false);
    expect(await report('id-1', 'delivered')).toBe(true);
    expect(await report('id-of-nobody', 'failed')).toBe(true);
    expect([place, strangers].flatMap((one) => readdirSync(one)).filter((name) => name === 'words')).toEqual([]);
    expect(await report('id-1', 'undelivered')).toBe(true);
    await vi.waitFor(() => expect(sms.taken).toHaveLength(2), 10_000);
  });

  it('control characters from outside never reach a message, and a key that is none is refused', async () => {
    const { notifier } = await start(folder(), [way()]);
    await notifier.raise({ ...dead, sentence: 'M1\r\nBcc: x' });
    expect(notifier.events()[0]?.sentence).toBe('M1 Bcc: x');
    await expect(notifier.raise({ ...dead, key: 'a|b' })).rejects.toMatchObject({ code: 'input.invalid' });
  });
});

describe('a node that was killed', () => {
  it('tells nothing twice and forgets nothing', async () => {
    const place = folder();
    const sms = way();
    const first = await start(place, [sms]);
    await first.notifier.raise(dead);
    await vi.waitFor(() => expect(first.notifier.sent().size).toBe(1));
    first.kill();
    await first.notifier.ended;
    // What a power cut leaves: a line that is not whole.
    appendFileSync(join(place, 'outbox.jsonl'), '{"line":"over","key":"dead:m1"');
    const second = await start(place, [sms]);
    expect(second.notifier.events()).toMatchObject([{ key: 'dead:m1' }]);
    expect(second.notifier.events()[0]?.over).toBeUndefined();
    await second.notifier.raise({ ...dead, key: 'dead:m2' });
    await vi.waitFor(() => expect(second.notifier.sent().size).toBe(2));
    expect(sms.taken.map((m) => m.event.key)).toEqual(['dead:m1', 'dead:m2']);
  });

  it('keeps a week, and drops what is older', async () => {
    const place = folder();
    const box = await openOutbox(place, 0);
    await box.begin(dead, 0);
    await box.end(dead.key, 1000, 'over');
    await box.close();
    const week = await openOutbox(place, 1000 + 6 * 86_400_000);
    expect(week.events()).toHaveLength(1);
    await week.close();
    await (await openOutbox(place, 1000 + 8 * 86_400_000)).close();
    expect(readFileSync(join(place, 'outbox.jsonl'), 'utf8')).toBe('');
  });

  it('what is the case again after it was over is told again', async () => {
    const sms = way();
    const { notifier } = await start(folder(), [sms]);
    for (let n = 0; n < 2; n += 1) {
      await notifier.raise({ ...dead, at: Date.now() });
      await vi.waitFor(() => expect(sms.taken).toHaveLength(1 + 2 * n), 10_000);
      await notifier.clear(dead.key, Date.now(), 'over');
      await vi.waitFor(() => expect(sms.taken).toHaveLength(2 + 2 * n), 10_000);
    }
  });
});

describe('two watchers that see the same', () => {
  it('send one message; the second sends it when the first is silent', async () => {
    const [one, two] = [way(), way()];
    let silentSince: number | undefined;
    const first = await start(folder(), [one], { node: 's3', peer: () => ({ graceMs: 0, silentSince: undefined }) });
    const second = await start(folder(), [two], { node: 's4', peer: () => ({ graceMs: 3_600_000, silentSince }) });
    for (const { notifier } of [first, second]) await notifier.raise(dead);
    await vi.waitFor(() => expect(first.notifier.sent().size).toBe(1));
    await second.notifier.learn(first.notifier.told());
    silentSince = Date.now();
    await second.notifier.raise({ ...dead, key: 'dead:m2' });
    await vi.waitFor(() => expect(two.taken).toHaveLength(1), 10_000);
    expect([one.taken[0]?.event.key, two.taken[0]?.event.key]).toEqual(['dead:m1', 'dead:m2']);
  });

  it('what the first told before the second saw it is the same event while the first has it open, and not after', async () => {
    const now = Date.now();
    const first = await start(folder(), [way()], { node: 's3' });
    const later = { ...dead, at: now + 3_600_000 };
    await first.notifier.raise({ ...dead, at: now });
    await vi.waitFor(() => expect(first.notifier.sent().size).toBe(1), 10_000);
    const two = await start(folder(), [way()], { node: 's4', peer: () => ({ graceMs: 9e9, silentSince: undefined }) });
    await two.notifier.raise(later);
    await two.notifier.learn(first.notifier.told());
    expect([...two.notifier.sent().values()].map(({ by }) => by)).toEqual(['s3']);
    await first.notifier.clear(dead.key, now + 1, 'over');
    const three = await start(folder(), [way()], {
      node: 's5',
      peer: () => ({ graceMs: 9e9, silentSince: undefined }),
    });
    await three.notifier.raise(later);
    await three.notifier.learn(first.notifier.told());
    expect(three.notifier.sent().size).toBe(0);
  });

  it('an acknowledgement to one holds for both', async () => {
    const first = await start(folder(), [way()], { node: 's3' });
    const second = await start(folder(), [way()], { node: 's4' });
    for (const { notifier } of [first, second]) await notifier.raise(dead);
    await first.notifier.acknowledge(dead.key, 'ana');
    await second.notifier.learn(first.notifier.told());
    expect(second.notifier.events()[0]?.acknowledged?.by).toBe('ana');
  });
});
