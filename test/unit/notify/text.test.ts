import { describe, expect, it } from 'vitest';
import { plain, smsLength } from '../../../src/notify/gsm.ts';
import type { OpenEvent } from '../../../src/notify/model.ts';
import { hookBody, mailText, smsText } from '../../../src/notify/text.ts';

const at = Date.UTC(2026, 10, 28, 13, 41);
const event: OpenEvent = {
  key: 'master-dead:m1:7',
  severity: 'critical',
  at,
  heardAt: at,
  sentence: 'M1 is dead: 3 of 3 see it so',
  did: 'Switched 412 accounts to M2.',
  willNot: 'go back to M1',
  command: 'tandem failover status',
  evidence: 's3 https refused, s4 https timeout, w1 https timeout',
};

describe('the length of a text message', () => {
  it.each([
    ['', 'gsm', 0, 1],
    ['a'.repeat(160), 'gsm', 160, 1],
    ['a'.repeat(161), 'gsm', 161, 2],
    ['a'.repeat(306), 'gsm', 306, 2],
    ['a'.repeat(307), 'gsm', 307, 3],
    ['€'.repeat(80), 'gsm', 160, 1],
    ['[M1]', 'gsm', 6, 1],
    ['äöüßÄÖÜñ@£', 'gsm', 10, 1],
    ['ł', 'ucs2', 1, 1],
    ['ł'.repeat(70), 'ucs2', 70, 1],
    ['ł'.repeat(71), 'ucs2', 71, 2],
    ['🙂'.repeat(35), 'ucs2', 70, 1],
    ['a`b', 'ucs2', 3, 1],
  ])('%j', (text, alphabet, units, parts) => {
    expect(smsLength(text)).toEqual({ alphabet, units, parts });
  });

  it('typographic signs become plain ones, so that they do not halve the room', () => {
    expect(plain('M1’s “state” … 1–2 — €')).toBe('M1\'s "state" ... 1-2 - €');
    expect(smsLength(plain('’“”…–—')).alphabet).toBe('gsm');
  });
});

describe('what a text message says', () => {
  it('state, time, command, what was done, what will not be done alone, evidence, and by whom', () => {
    expect(smsText(event, { kind: 'begun', n: 1 }, 's3').split('\n')).toEqual([
      'ALARM: M1 is dead: 3 of 3 see it so',
      'Since 2026-11-28 13:41 UTC.',
      'Type: tandem failover status',
      'Switched 412 accounts to M2.',
      'Not alone: go back to M1',
      'Seen: s3 https refused, s4 https timeout, w1 https timeout',
      'Tandem on s3',
    ]);
  });

  it('a repetition says how often it was told', () => {
    expect(smsText(event, { kind: 'begun', n: 3 }, 's3')).toContain('(told 3 times, not acknowledged)');
  });

  it('the end says from when to when, and gives no command', () => {
    const over = { ...event, over: { at: at + 600_000, sentence: 'M1 answers again' } };
    expect(smsText(over, { kind: 'over' }, 's4').split('\n')).toEqual([
      'OVER: M1 answers again',
      'From 2026-11-28 13:41 UTC to 2026-11-28 13:51 UTC.',
      'Tandem on s4',
    ]);
  });

  it('what does not fit in three parts is left out whole; sentence and command are always there', () => {
    const long = {
      ...event,
      sentence: 's'.repeat(160),
      command: 'c'.repeat(120),
      did: 'd'.repeat(500),
      willNot: 'short',
      evidence: 'e'.repeat(500),
    };
    const text = smsText(long, { kind: 'begun', n: 12 }, 'a-node-with-a-rather-long-name');
    expect(smsLength(text).parts).toBeLessThanOrEqual(3);
    expect(text).toContain('s'.repeat(160));
    expect(text).toContain('c'.repeat(120));
    expect(text).not.toContain('ddd');
    expect(text).toContain('Not alone: short');
  });
});

describe('what a mail and a webhook say', () => {
  it('no header can be smuggled into a subject', () => {
    const { subject } = mailText({ ...event, sentence: 'x\r\nBcc: evil@example.com' }, { kind: 'begun', n: 1 }, 's3');
    expect(subject).toBe('ALARM: x Bcc: evil@example.com');
  });

  it('the body says how to acknowledge', () => {
    expect(mailText(event, { kind: 'begun', n: 1 }, 's3').body).toContain("tandem notify ack 'master-dead:m1:7'");
  });

  it('the webhook has names that stay, and times in ISO 8601', () => {
    expect(hookBody(event, { kind: 'begun', n: 1 }, 's3', 'an-id')).toEqual({
      id: 'an-id',
      event: 'master-dead:m1:7',
      kind: 'begun',
      severity: 'critical',
      sentence: 'M1 is dead: 3 of 3 see it so',
      since: '2026-11-28T13:41:00.000Z',
      evidence: event.evidence,
      did: event.did,
      willNot: 'go back to M1',
      command: 'tandem failover status',
      node: 's3',
    });
  });
});
