import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { createLifecycle } from '../../../src/lifecycle.ts';
import { createLogger } from '../../../src/log.ts';
import { databaseCommand } from '../../../src/roles/databases/index.ts';
import { startDbsync } from '../../../src/roles/dbsync.ts';
import { tempDir } from '../../support/processes.ts';
import type { PgTestPair } from './pg-pair.ts';

/**
 * How often the status is asked for: each time takes two connections, which are most of what these tests cost, and the
 * watch brings something new once a second.
 */
export const turnMs = 500;

/** `tandem db postgres` for a pair that is set up, with the role that carries; users bob and carol are on both. */
export interface PgDesk {
  tandem(...words: readonly string[]): Promise<{ readonly exit: number; readonly text: string }>;
  close(): Promise<void>;
}

/** Writes the pair's configuration into a folder; answers its file. */
export function writePgConfig(pair: PgTestPair, dir: string, postgresMost: number): string {
  const file = join(dir, 'tandem.json');
  const masters = pair.members.map(({ side }) => ({
    ...{ id: side.id, site: side.id, hostname: `${side.id}.example.com`, address: `192.0.2.${side.number}` },
    credentials: { user: 'root', token: 'x'.repeat(32) },
    tls: { fingerprint: Array.from({ length: 32 }, () => 'AB').join(':') },
    postgres: { socket: side.access.socket, port: side.access.port },
  }));
  const databases = { postgresMost, postgresKeepMegabytes: 500 };
  writeFileSync(file, JSON.stringify({ stateDir: dir, masters, databases, log: { level: 'error' } }));
  return file;
}

/** Sets the pair up for so many databases, and starts carrying. */
export async function openPgDesk(pair: PgTestPair, postgresMost: number): Promise<PgDesk> {
  const dir = tempDir('tandem-pgdesk');
  const file = writePgConfig(pair, dir.path, postgresMost);
  for (const one of pair.members) await one.sql('postgres', 'CREATE ROLE bob LOGIN; CREATE ROLE carol LOGIN');
  const log = createLogger({ level: 'error', redact: [] });
  const lifecycle = createLifecycle({ log });
  async function tandem(...words: readonly string[]) {
    let text = '';
    const write = (more: string): void => {
      text += more;
    };
    const streams = { stdin: process.stdin, stdout: { write }, stderr: process.stderr };
    const exit = await databaseCommand(['postgres', ...words, '--config', file], streams);
    return { exit, text };
  }
  expect((await tandem('setup', '--yes')).text).toContain('Done');
  startDbsync(loadConfig({ file }), log, lifecycle);
  return {
    tandem,
    async close() {
      await lifecycle.closeAll();
      dir.remove();
    },
  };
}
