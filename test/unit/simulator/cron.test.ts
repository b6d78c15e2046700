import { expect, test } from 'vitest';
import { account, testServer } from './server.ts';

const job = { minute: '*/5', hour: '*', day: '*', month: '*', weekday: '1-5', command: 'php "a" > /dev/null' };

function server(): ReturnType<typeof testServer> {
  const made = testServer('m1', '192.0.2.1');
  account('bob', [made]);
  return made;
}

const rows = (said: unknown): readonly Record<string, unknown>[] => said as readonly Record<string, unknown>[];

test('a job is listed with a key of 32 hex digits, and the last row is only the next number', () => {
  const m1 = server();
  const [added] = rows(m1.data(m1.api2('bob', 'Cron::add_line', job)));
  expect(added).toMatchObject({ status: 1, statusmsg: 'crontab installed' });
  const list = rows(m1.data(m1.api2('bob', 'Cron::listcron')));
  expect(list).toEqual([
    { count: 1, ...job, command_htmlsafe: 'php &quot;a&quot; &gt; /dev/null', linekey: added?.['linekey'] },
    { count: 2 },
  ]);
  expect(added?.['linekey']).toMatch(/^[0-9a-f]{32}$/u);
});

test('the same job again is refused in data, with the key of the one there', () => {
  const m1 = server();
  const [first] = rows(m1.data(m1.api2('bob', 'Cron::add_line', job)));
  expect(m1.api2('bob', 'Cron::add_line', job)).toEqual({
    ok: false,
    reason: 'This cron job already exists.',
    quiet: true,
    data: [{ status: 0, statusmsg: 'This cron job already exists.', linekey: first?.['linekey'] }],
  });
});

test('two servers give one job one key, and another key when it is edited', () => {
  const [m1, m2] = [server(), server()];
  const [a] = rows(m1.data(m1.api2('bob', 'Cron::add_line', job)));
  const [b] = rows(m2.data(m2.api2('bob', 'Cron::add_line', job)));
  expect(a?.['linekey']).toBe(b?.['linekey']);
  const [edited] = rows(m1.data(m1.api2('bob', 'Cron::edit_line', { ...job, hour: 3, commandnumber: 1 })));
  expect(edited?.['linekey']).not.toBe(a?.['linekey']);
});

test('a line is removed by key or by its number among the commands, after the variables', () => {
  const m1 = server();
  m1.api2('bob', 'Cron::set_email', { email: 'a@b.example' });
  m1.api2('bob', 'Cron::add_line', job);
  m1.api2('bob', 'Cron::add_line', { ...job, command: 'second' });
  expect(rows(m1.data(m1.api2('bob', 'Cron::fetchcron')))).toMatchObject([
    { line: 1, type: 'variable', key: 'MAILTO' },
    { line: 2, type: 'variable', key: 'SHELL' },
    { line: 3, type: 'command', commandnumber: 1 },
    { line: 4, type: 'command', commandnumber: 2, command: 'second' },
    { count: 3 },
  ]);
  m1.api2('bob', 'Cron::remove_line', { line: 1 });
  expect(rows(m1.data(m1.api2('bob', 'Cron::listcron')))).toMatchObject([{ command: 'second' }, { count: 2 }]);
  expect(m1.api2('bob', 'Cron::remove_line', { line: 9 })).toMatchObject({ ok: false });
});

test('what is missing or no time is refused', () => {
  const m1 = server();
  expect(m1.api2('bob', 'Cron::add_line', { ...job, command: '' })).toMatchObject({ ok: false });
  expect(m1.api2('bob', 'Cron::add_line', { ...job, minute: 'soon' })).toMatchObject({ ok: false });
});

test('a crontab is renamed and removed with its account', () => {
  const m1 = server();
  m1.api2('bob', 'Cron::add_line', job);
  m1.whm('modifyacct', { user: 'bob', newuser: 'rob' });
  expect(rows(m1.data(m1.api2('rob', 'Cron::listcron')))).toHaveLength(2);
  m1.whm('removeacct', { username: 'rob' });
  expect(m1.engine.state.dump()['crontabs']).toBeUndefined();
});
