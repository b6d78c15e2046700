import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/log.ts';

function lines(level: string, redact: readonly string[]) {
  const written: string[] = [];
  const log = createLogger({ level, redact, destination: { write: (line: string) => void written.push(line) } });
  return { log, written };
}

describe('log', () => {
  it('writes one JSON object a line, with the time in UTC', () => {
    const { log, written } = lines('info', []);
    log.info({ master: 'm1' }, 'reachable');
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ level: 30, master: 'm1', msg: 'reachable' });
    expect(JSON.parse(written[0] ?? '').time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it.each([
    ['at the top', { password: 'hunter2' }],
    ['one level down', { params: { password: 'hunter2' } }],
    ['three levels down', { a: { b: { c: { password: 'hunter2' } } } }],
    ['in a list', { calls: [{ password: 'hunter2' }] }],
    ['under a name that is no identifier', { args: { 'domain-password': 'hunter2' } }],
  ])('hides a secret %s', (_where, value) => {
    const { log, written } = lines('info', ['password', 'domain-password']);
    log.info(value, 'call');
    expect(written.join()).not.toContain('hunter2');
    expect(written.join()).toContain('[secret]');
  });

  it('keeps code, message, cause and stack of an error and drops what HTTP clients attach', () => {
    const { log, written } = lines('info', []);
    const error = Object.assign(new Error('master M1: no answer', { cause: new Error('socket closed') }), {
      code: 'ECONNRESET',
      config: { headers: { authorization: 'whm root:TOKEN' } },
    });
    log.error({ err: error }, 'call failed');
    expect(written.join()).not.toContain('TOKEN');
    expect(JSON.parse(written[0] ?? '').err).toMatchObject({
      code: 'ECONNRESET',
      message: expect.stringContaining('socket closed'),
    });
  });

  it('leaves out what is below the level', () => {
    const { log, written } = lines('warn', []);
    log.info('nothing');
    expect(written).toEqual([]);
  });
});
