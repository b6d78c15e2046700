import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkTool, nagiosTool } from '../../../src/cli/nagios.ts';
import { plugin } from '../../../src/failover/checks/kinds/plugin.ts';
import { type Build, buildScript } from '../../support/process-node.ts';
import { missing, type Running, run } from '../../support/processes.ts';
import { buildWatcher, openWorld, type World } from '../../support/watch-world.ts';

let build: Build;
let world: World;
beforeAll(async () => {
  build = await buildWatcher();
  world = await openWorld(build, {
    places: [
      { id: 'm1', kind: 'master', site: 'a' },
      { id: 'm2', kind: 'master', site: 'b' },
      { id: 's3', kind: 'watcher', site: 'a' },
      { id: 's4', kind: 'watcher', site: 'b' },
      { id: 'w1', kind: 'witness', site: 'c' },
    ],
    // Masters that are away here are only looked at.
    watch: { limits: { holdDownMs: 0, perDay: 0 } },
  });
});
afterAll(async () => {
  await world.close();
});

const never = new AbortController().signal;

/** Runs a tool and returns its exit code and what it wrote. */
async function said(tool: typeof checkTool, ...argv: string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const output = {
    write(more: string) {
      text += more;
    },
  };
  const code = await tool([...argv, '--config', world.configFile('s3')], {
    stdout: output,
    stderr: output,
    signal: never,
  });
  return { code, text };
}

describe('tandem check, as Nagios calls it', () => {
  it('is OK while all is well, with figures', async () => {
    await vi.waitFor(async () => expect((await said(checkTool, 'pair')).code).toBe(0), {
      timeout: 30_000,
      interval: 200,
    });
    expect((await said(checkTool, 'pair')).text).toMatch(/^OK - .+ \| 'epoch'=0c\n$/);
    expect(await said(checkTool, 'master', 'm1')).toMatchObject({ code: 0, text: expect.stringMatching(/ms\n$/) });
  });

  it('is UNKNOWN for what does not exist, and CRITICAL where no watcher runs', async () => {
    expect(await said(checkTool, 'master', 'm9')).toEqual({ code: 3, text: 'UNKNOWN - no master is called m9\n' });
    expect((await said(checkTool, 'everything')).code).toBe(3);
    await world.kill('s3');
    expect(await said(checkTool, 'pair')).toEqual({ code: 2, text: 'CRITICAL - no watcher runs here\n' });
    await world.start('s3');
  });
});

describe.skipIf(missing('nagios4') !== undefined)('an existing Nagios 4', () => {
  let nagios: Running;
  const at = (path: string): string => join(world.dir, 'nagios', path);
  const log = (): string => readFileSync(at('nagios.log'), 'utf8');

  beforeAll(async () => {
    for (const dir of ['rw', 'spool/checkresults']) mkdirSync(at(dir), { recursive: true });
    // The product's own program, as an installation would have it.
    const program = at('tandem');
    const { script } = await buildScript('tandem-main');
    writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${script} "$@"\n`);
    chmodSync(program, 0o755);
    await vi.waitFor(async () => expect((await said(checkTool, 'pair')).code).toBe(0), {
      timeout: 30_000,
      interval: 200,
    });
    const objects = await said(nagiosTool, 'objects', '--every', '2', '--program', program);
    const made = objects.text.replaceAll('--config /etc/tandem/tandem.yaml', `--config ${world.configFile('s3')}`);
    // A service of the host's own, whose handler reports.
    const own = `define service {
      host_name m1
      service_description Own
      check_command tandem-stale
      active_checks_enabled 0
      max_check_attempts 1
      event_handler tandem-report
      contact_groups admins
      check_period 24x7
      notification_period 24x7
      notification_interval 0
    }
    define timeperiod {
      timeperiod_name 24x7
      alias Always
      ${['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'].map((day) => `${day} 00:00-24:00`).join('\n      ')}
    }
    define contact {
      contact_name nobody
      host_notification_commands tandem-nothing
      service_notification_commands tandem-nothing
      host_notification_period 24x7
      service_notification_period 24x7
    }
    define contactgroup {
      contactgroup_name admins
      alias Admins
      members nobody
    }\n`;
    writeFileSync(at('objects.cfg'), `${made}${own}`);
    const user = process.getuid?.() === 0 ? 'root' : (process.env['USER'] ?? 'nobody');
    writeFileSync(
      at('nagios.cfg'),
      [
        `log_file=${at('nagios.log')}`,
        `cfg_file=${at('objects.cfg')}`,
        `object_cache_file=${at('objects.cache')}`,
        `status_file=${at('status.dat')}`,
        `state_retention_file=${at('retention.dat')}`,
        `lock_file=${at('nagios.pid')}`,
        `temp_file=${at('nagios.tmp')}`,
        `temp_path=${at('')}`,
        `check_result_path=${at('spool/checkresults')}`,
        `command_file=${at('rw/nagios.cmd')}`,
        `query_socket=${at('rw/nagios.qh')}`,
        `nagios_user=${user}`,
        `nagios_group=${user}`,
        'check_external_commands=1',
        'interval_length=1',
        'event_handler_timeout=60',
        'enable_event_handlers=1',
        'accept_passive_service_checks=1',
        'log_passive_checks=1',
        'log_event_handlers=1',
        'illegal_macro_output_chars=`~$&|\'"<>',
        'use_syslog=0',
        '',
      ].join('\n'),
    );
    nagios = run('nagios4', [at('nagios.cfg')]);
    await vi
      .waitFor(() => expect(log()).toMatch(/Successfully launched|External command/i), {
        timeout: 30_000,
        interval: 100,
      })
      .catch((error: unknown) => {
        throw new Error(`${nagios.output()}\n${String(error)}`);
      });
  });
  afterAll(() => nagios?.end('SIGTERM'));

  it('accepts the objects that Tandem makes', async () => {
    const check = run('nagios4', ['-v', at('nagios.cfg')]);
    await check.exited;
    expect(check.output()).toMatch(/Total Errors:\s+0/);
    expect(check.output()).toMatch(/Checked \d+ services/);
  });

  it('takes our states as passive results', async () => {
    expect((await said(nagiosTool, 'passive', '--command-file', at('rw/nagios.cmd'))).code).toBe(0);
    for (const line of ['tandem;Pair;0;', 'm2;Tandem;0;'])
      await vi.waitFor(() => expect(log()).toContain(`PASSIVE SERVICE CHECK: ${line}`), {
        timeout: 60_000,
        interval: 100,
      });
    expect(log()).not.toMatch(/could not be found|Error/);
  });

  it('and its event handler reports to the watcher, which keeps it and decides nothing by it', async () => {
    const line = `[${Math.floor(Date.now() / 1000)}] PROCESS_SERVICE_CHECK_RESULT;m1;Own;2;CRITICAL - own eyes\n`;
    writeFileSync(at('rw/nagios.cmd'), line, { flag: 'a' });
    const kept = async () => (await world.status('s3')).history.filter((one) => one.kind === 'report');
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1), { timeout: 40_000, interval: 200 });
    expect((await kept())[0]).toMatchObject({ subject: 'm1', sentence: 'nagios reports m1/Own: CRITICAL (HARD 1).' });
    expect((await world.status('s3')).epoch).toBe(0);
  });

  it('that is away holds nobody up', async () => {
    await expect(said(nagiosTool, 'passive', '--command-file', at('no-such-pipe'))).rejects.toMatchObject({
      code: 'nagios.away',
    });
  });
});

describe('a plug-in as a check', () => {
  const around = { signal: never, timeoutMs: 5000, now: 0 };
  const sh = (script: string, ...args: string[]) => ({ command: '/bin/sh', args: ['-c', script, 'x', ...args] });

  it('exit code and first line count, and the host is an argument, never shell text', async () => {
    expect(await plugin.run('192.0.2.1; touch x', sh('echo "seen $1 | t=1s"; exit 1', '{host}'), around)).toEqual({
      result: 'warning',
      text: 'seen 192.0.2.1; touch x',
    });
  });

  it('gets nothing of our environment', async () => {
    expect((await plugin.run('x', sh('env | grep -c HOME'), around)).text).toBe('0');
  });

  it('is killed with all that it started when its time is over', async () => {
    const over = new AbortController();
    setTimeout(() => over.abort(), 300);
    const { result } = await plugin.run('x', sh('sleep 60 & sleep 60'), { ...around, signal: over.signal });
    expect(result).toBe('unknown');
  });

  it('a program that is not there is no finding about the host', async () => {
    await expect(plugin.run('x', { command: '/no/such', args: [] }, around)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.skipIf(missing('nagios4') !== undefined)('Debian’s check_tcp is one', async () => {
    const found = await plugin.run(
      '127.0.0.1',
      { command: '/usr/lib/nagios/plugins/check_tcp', args: ['-H', '{host}', '-p', '1'] },
      around,
    );
    expect(found).toMatchObject({ result: 'critical', text: expect.stringMatching(/refused/i) });
  });
});
