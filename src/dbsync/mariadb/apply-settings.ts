/** Settings: the file on the master, the restart, and what can be set while the server runs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selfSigned } from '../../certificates.ts';
import { DatabaseAway } from '../model.ts';
import { type ApplyContext, type Of, serverOf, until } from './apply-context.ts';
import type { Server } from './connect.ts';
import { install } from './programs.ts';

const restartMs = 180_000;

async function certificates(context: ApplyContext, dir: string, id: string): Promise<void> {
  const { side } = serverOf(context, id);
  const made = await selfSigned({ names: [side.access.peer.host, ...side.hosts], days: 3650, keyType: 'rsa' });
  await writeFile(join(dir, 'ca.pem'), made.cert, { mode: 0o600 });
  await writeFile(join(dir, 'cert.pem'), made.cert, { mode: 0o600 });
  await writeFile(join(dir, 'key.pem'), made.key, { mode: 0o600 });
}

/** Writes the settings file, and installs it where a program for that is configured. */
export async function writeDropIn(context: ApplyContext, step: Of<'drop-in'>): Promise<void> {
  const server = serverOf(context, step.master);
  const { access } = server.side;
  const dir = context.folder.settings(step.master);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (step.restart.some((one) => one.name === 'ssl_cert')) await certificates(context, dir, step.master);
  await writeFile(join(dir, 'tandem.cnf'), step.text.replaceAll('@directory@', access.directory), { mode: 0o600 });
  if (access.configure === undefined) {
    context.tell(`${server.side.name}: settings file: ${join(dir, 'tandem.cnf')}`);
    if (step.restart.length > 0) context.restartBy.push(restartSentence(server, dir));
    return;
  }
  await install(server.side, dir);
  const back = await until(context.clock, restartMs, () => answers(server));
  if (!back)
    throw new DatabaseAway(`${server.side.name}: MariaDB did not come back after its settings were installed.`);
  context.restarted.add(step.master);
}

function restartSentence({ side }: Server, dir: string): string {
  return `${side.name}: copy the files of ${dir} to ${side.access.directory}, include tandem.cnf from MariaDB's configuration, and restart MariaDB`;
}

async function answers(server: Server): Promise<boolean> {
  try {
    await server.rows('SELECT 1');
    return true;
  } catch (error) {
    // It is being restarted; anything else than being away is a real failure.
    if (error instanceof DatabaseAway) return false;
    throw error;
  }
}

/** Sets one live setting. */
export async function setOne(context: ApplyContext, step: Of<'set'>): Promise<void> {
  const server = serverOf(context, step.master);
  const { name, value } = step.wanted;
  const number = /^\d+$/.test(value);
  // The name comes from our own table of settings; a value is always passed as one.
  await server.rows(`SET GLOBAL ${name} = ?`, [number ? Number(value) : value]);
}
