import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../../src/config.ts';
import { missing, run } from '../../support/processes.ts';

const service = z.object({
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
});
const compose = z.object({ services: z.object({ redis: service, web: service, worker: service }) });

describe('docker-compose.yml', () => {
  it('is accepted by docker-compose', async (context) => {
    const lacking = missing('docker-compose');
    if (lacking !== undefined) context.skip(lacking);
    const checked = run('docker-compose', ['config', '--quiet']);
    await checked.exited;
    expect(checked.output()).toBe('');
    expect(checked.child.exitCode).toBe(0);
  });

  const { services } = compose.parse(parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }));

  it('runs Redis with its append-only file on a volume', () => {
    expect(services.redis.command.join(' ')).toContain('--appendonly yes');
    expect(services.redis.volumes).toEqual(['redis:/data']);
  });

  it.each(['web', 'worker'] as const)('%s gets settings that the configuration knows', (name) => {
    const { TANDEM_CONFIG: _file, ...env } = services[name].environment;
    const config = loadConfig({ file: 'tandem.example.yaml', env });
    expect(config).toMatchObject({
      stateDir: '/var/lib/tandem',
      redis: { kind: 'url', url: 'redis://redis:6379' },
      portal: { host: '0.0.0.0' },
    });
    expect(services[name].command).toEqual([name]);
  });

  it('opens the ports that the doors listen on', () => {
    const { portal, passthrough } = loadConfig({ file: 'tandem.example.yaml', env: {} });
    const doors = [portal.port, passthrough.whmPort, passthrough.cpanelPort];
    expect(services.web.ports).toEqual(doors.map((port) => `${port}:${port}`));
  });
});
