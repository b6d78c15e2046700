import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alerts, readPlugin, readRange, worst, writePlugin } from '../../../../src/failover/nagios/plugin.ts';

describe('what a plug-in said', () => {
  it.each([
    [0, 'PING OK - rtt 0.3 ms|rta=0.3ms;100;200;0;\n', 'ok', 'PING OK - rtt 0.3 ms'],
    [1, 'DISK WARNING | /=91%;90;95', 'warning', 'DISK WARNING'],
    [2, 'no connection', 'critical', 'no connection'],
    [3, 'what?', 'unknown', 'what?'],
    [4, 'not a plug-in', 'unknown', 'not a plug-in'],
    [127, 'sh: not found', 'unknown', 'sh: not found'],
    [null, 'killed', 'unknown', 'killed'],
    [0, '', 'unknown', 'said nothing'],
    [2, '\n', 'critical', 'said nothing'],
  ])('exit %j, %j', (code, output, result, text) => {
    expect(readPlugin(code, output)).toMatchObject({ result, text });
  });

  it('figures stand behind the bar, on later lines too; what cannot be read is left out', () => {
    const output = "OK | time=0.5s;1;2 'free space'=10% bad=x\nmore text | 'it''s'=-3.5KB;@5:10\n";
    expect(readPlugin(0, output).figures).toEqual([
      { label: 'time', value: 0.5, unit: 's', warn: '1', crit: '2' },
      { label: 'free space', value: 10, unit: '%' },
      { label: "it's", value: -3.5, unit: 'KB', warn: '@5:10' },
    ]);
  });
});

describe('a range', () => {
  it.each([
    ['10', 10.1, true],
    ['10', 10, false],
    ['10', -1, true],
    ['10:', 9, true],
    ['10:', 10, false],
    ['~:10', -99, false],
    ['~:10', 11, true],
    ['10:20', 15, false],
    ['10:20', 21, true],
    ['@10:20', 15, true],
    ['@10:20', 21, false],
  ])('%s alerts at %d: %s', (range, value, alert) => {
    expect(alerts(range, value)).toBe(alert);
  });

  it.each(['', ':', 'x', '20:10', '1:2:3', '@'])('%j is none', (text) => {
    expect(() => readRange(text)).toThrow(/is no range/);
  });
});

describe('what we say as a plug-in', () => {
  it('is one line that reads back the same', () => {
    const said = fc.record({
      result: fc.constantFrom('ok' as const, 'warning' as const, 'critical' as const, 'unknown' as const),
      text: fc.string({ minLength: 1 }).map((text) => `x${text.replace(/[|\n\r]/g, '')}`.trimEnd()),
      figures: fc.array(
        fc.record({
          label: fc.string({ minLength: 1 }).filter((label) => !/[\n\r|=]/.test(label)),
          value: fc.integer(),
          unit: fc.constantFrom('', 's', 'ms', '%', 'B', 'c'),
        }),
        { maxLength: 4 },
      ),
    });
    fc.assert(
      fc.property(said, (one) => {
        const { code, line } = writePlugin(one);
        expect(line).not.toMatch(/[\n\r]/);
        const back = readPlugin(code, `${line}\n`);
        expect(back.result).toBe(one.result);
        expect(back.text.endsWith(one.text)).toBe(true);
        expect(back.figures).toEqual(one.figures);
      }),
    );
  });

  it('the worst of several: UNKNOWN is worse than WARNING', () => {
    expect(worst([])).toBe('ok');
    expect(worst(['ok', 'unknown', 'warning'])).toBe('unknown');
    expect(worst(['unknown', 'critical'])).toBe('critical');
  });
});
