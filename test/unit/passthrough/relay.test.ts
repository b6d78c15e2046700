import { describe, expect, it } from 'vitest';
import { mergeAccount } from '../../../src/routes/passthrough/merge.ts';
import { holdsAny, outsideOf } from '../../../src/routes/passthrough/outside.ts';
import { readAnswer, readUnheard } from '../../../src/whm/answer.ts';
import { whm } from '../../../src/whm/call.ts';
import { type Heard, type Outcome, textOf } from '../../../src/whm/outcome.ts';

const call = whm('listaccts');

function read(text: string): Outcome & { kind: 'done' } {
  const outcome = readAnswer(call, 200, text);
  if (outcome.kind !== 'done') throw new Error(`${text} is no answer`);
  return outcome;
}

describe('one account as several masters tell it', () => {
  const first = { user: 'bob', diskused: '10M', suspended: 0, suspendreason: 'not suspended' };
  const away = { ...first, suspended: 1, suspendreason: 'unpaid' };
  const cases = [
    ['the first itself, when no other knows it', [], first],
    ['the first itself, when they say the same', [{ ...first }], first],
    ['the first itself, when the other holds less', [{ ...first, diskused: '9M' }], first],
    [
      'the most that any holds',
      [
        { ...first, diskused: '9M' },
        { ...first, diskused: '11.5M' },
      ],
      { ...first, diskused: '11.5M' },
    ],
    ['suspended, when it is anywhere', [away], away],
    ['of an answer without disk use, nothing new', [{ diskused: '99M' }], first],
  ] as const;

  it.each(cases)('%s', (what, others, wanted) => {
    const given = what.startsWith('of an answer') ? { user: 'bob' } : first;
    const merged = mergeAccount(given, others);
    if (wanted === first) expect(merged).toBe(given);
    else expect(merged).toEqual(wanted);
  });

  it('keeps the reason of the first, when that is suspended itself', () => {
    expect(mergeAccount(away, [{ ...away, suspendreason: 'other' }])).toBe(away);
  });
});

describe('the text of an answer', () => {
  const text = '{"metadata":{"result":1},  "data":{"ip":"192.0.2.2","n":1.0}}';

  it('belongs to the body that was read from it, and to no changed one', () => {
    const { body } = read(text);
    expect(textOf(body)).toBe(text);
    expect(textOf({ ...(body as object) })).toBeUndefined();
  });

  it('is lost when an address is shown as the outside sees it', () => {
    const { data, reason, body } = read(text);
    const outside = (value: string) => (value === '192.0.2.2' ? '192.0.2.1' : value);
    const mayHoldInside = holdsAny(['192.0.2.2']);
    const shown = outsideOf({ outside, mayHoldInside }, { ok: true, data, reason, body });
    expect(shown).toMatchObject({ data: { ip: '192.0.2.1' }, body: { data: { ip: '192.0.2.1' } } });
    expect(textOf(shown.body)).toBeUndefined();
    const other = holdsAny(['192.0.2.3']);
    expect(textOf(outsideOf({ outside, mayHoldInside: other }, { ok: true, data, reason, body }).body)).toBe(text);
  });

  it('is read once when masters write the same to the letter, and anew when one letter differs', () => {
    const heard: Heard = {};
    const bytes = Buffer.from(text);
    const first = readUnheard(call, 200, bytes, heard);
    expect(readUnheard(call, 200, Buffer.from(text), heard)).toBe(first);
    expect(readUnheard(call, 200, Buffer.from(text.replace('1.0', '2.0')), heard)).not.toBe(first);
    expect(readUnheard(call, 500, bytes, heard)).toMatchObject({ kind: 'in-doubt' });
  });
});

describe('whether JSON text may hold a value', () => {
  const may = holdsAny(['m2.example', 'm2.example.', '192.0.2.2', '2001:db8::2']);
  it.each([
    ['{"a":"192.0.2.2"}', true],
    ['{"a":["m2.example."]}', true],
    ['{"a":"M2.EXAMPLE"}', true],
    ['{"2001:db8::2":1}', true],
    ['{"a":"192.0.2.20"}', false],
    ['{"a":"192x0.2.2"}', false],
    ['{"a":"see 192.0.2.2"}', false],
    ['{"a":"192.0.2.\\u0032"}', true],
    ['{"a":"\\u00fc"}', false],
  ])('%s: %s', (json, wanted) => {
    expect(may(json)).toBe(wanted);
  });

  it('holds none of none', () => {
    expect(holdsAny([])('{"a":"192.0.2.2"}')).toBe(false);
  });
});
