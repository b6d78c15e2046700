import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** `auto`: one for each core, as Debian's nginx.conf has it. */
export type Workers = 1 | 'auto';

/** A plain reverse proxy with kept connections and TLS on both sides: what a caller would put there instead. */
function conf(dir: string, port: number, upstream: number, workers: Workers): string {
  return `daemon off; worker_processes ${workers}; pid ${dir}/nginx-${workers}.pid; error_log ${dir}/nginx-error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
  keepalive_requests 1000000;
  upstream master { server 127.0.0.1:${upstream}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${dir}/front.pem; ssl_certificate_key ${dir}/front.key;
    location / { proxy_pass https://master; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const came = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return came;
}

export interface Nginx {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts it; throws when it is not installed (Debian package nginx-light) or does not come up. */
export async function startNginx(dir: string, port: number, upstream: number, workers: Workers): Promise<Nginx> {
  const file = join(dir, `nginx-${workers}.conf`);
  writeFileSync(file, conf(dir, port, upstream, workers));
  const child: ChildProcess = spawn('nginx', ['-c', file, '-p', dir], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  let failed = '';
  child.once('error', (error) => {
    failed = `nginx does not start (Debian package nginx-light): ${error.message}`;
  });
  for (let tries = 0; tries < 100 && failed === '' && child.exitCode === null; tries += 1) {
    if (await answers(port)) {
      return {
        pid: child.pid ?? 0,
        async stop() {
          if (child.exitCode !== null) return;
          child.kill('SIGTERM');
          await once(child, 'exit');
        },
      };
    }
    await delay(50);
  }
  child.kill('SIGKILL');
  throw new Error(failed === '' ? `nginx did not come up; see ${dir}/nginx-error.log` : failed);
}
