import { once } from 'node:events';
import { createServer } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateIn, type TestCertificate } from '../../support/certificates.ts';
import { freePort, run, tempDir } from '../../support/processes.ts';

describe('a self-signed certificate as its own CA', () => {
  const dir = tempDir();
  const server = createServer();
  let made: TestCertificate;
  let port: number;
  beforeAll(async () => {
    made = await certificateIn(dir.path, 'm1.example.com', '127.0.0.1');
    server.setSecureContext({ cert: made.cert, key: made.key });
    server.on('request', (_request, response) => response.end('ok'));
    port = await freePort();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
    dir.remove();
  });

  async function curl(...args: string[]): Promise<string> {
    const asked = run('curl', ['-sS', '--max-time', '10', ...args]);
    await asked.exited;
    return asked.output();
  }

  it('is trusted by curl for its address and for its name', async () => {
    expect(await curl('--cacert', made.certFile, `https://127.0.0.1:${port}/`)).toBe('ok');
    const named = ['--resolve', `m1.example.com:${port}:127.0.0.1`, `https://m1.example.com:${port}/`];
    expect(await curl('--cacert', made.certFile, ...named)).toBe('ok');
  });

  it('is not trusted without that CA, nor for another name', async () => {
    expect(await curl(`https://127.0.0.1:${port}/`)).toMatch(/certificate/i);
    const other = ['--resolve', `m2.example.com:${port}:127.0.0.1`, `https://m2.example.com:${port}/`];
    expect(await curl('--cacert', made.certFile, ...other)).toMatch(/certificate|subject name/i);
  });

  it('is trusted by Node', async () => {
    const { get } = await import('node:https');
    const [response] = await once(get({ host: '127.0.0.1', port, ca: made.cert, agent: false }), 'response');
    response.resume();
    expect(response.statusCode).toBe(200);
  });
});
