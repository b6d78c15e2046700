/**
 * The master's folder through ssh and one forced command (bin/on-master/tandem-archive). Tandem dials; the key can do
 * nothing else over there. What comes back is data: bounded, and never looked at as a command.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../errors.ts';
import { FilesAway } from './files-away.ts';
import { checkedName, type MasterFiles } from './master-files.ts';

export interface SshAccess {
  readonly kind: 'ssh';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
  /** Holds the server's own key; without the right one nothing is said to it. */
  readonly knownHostsFile: string;
  /** The folder as the master names it. */
  readonly directory: string;
}

const MOST_TEXT = 64 * 1024;
/** A checksum of a large archive takes its time; every other command is short. */
const SHORT_MS = 60_000;
const HASH_MS = 3_600_000;

function options(access: SshAccess): readonly string[] {
  const settings = [
    'BatchMode=yes',
    'ConnectTimeout=10',
    'ControlMaster=no',
    'ClearAllForwardings=yes',
    'GlobalKnownHostsFile=/dev/null',
    'IdentitiesOnly=yes',
    'LogLevel=ERROR',
    'ServerAliveCountMax=4',
    'ServerAliveInterval=15',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${access.knownHostsFile}`,
  ];
  const flags = ['-F', '/dev/null', '-T', '-i', access.keyFile, '-p', String(access.port), '-l', access.user];
  return [...flags, ...settings.flatMap((setting) => ['-o', setting])];
}

/** The last words of a program, one line, without control characters. */
function lastWords(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? '';
  return line.replace(/[^\x20-\x7e\xa0-\uffff]/g, ' ').slice(0, 300);
}

interface Ended {
  readonly code: number | null;
  readonly words: string;
}

function ended(child: ChildProcess): Promise<Ended> {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new FilesAway(`ssh cannot be run: ${error.message}`, { cause: error })));
    child.once('close', (code) => resolve({ code, words: lastWords(words) }));
  });
}

function complain(access: SshAccess, { code, words }: Ended): FilesAway {
  const why = words === '' ? `ssh ended with ${code ?? 'a signal'}` : words;
  return new FilesAway(`${access.host}: ${why}`, {
    hint: 'Check masters.*.archives and that tandem-archive is installed there: tandem doctor',
  });
}

/** Opens nothing: every call is a connection of its own, since archives are rare and large. */
export function sshFiles(access: SshAccess): MasterFiles {
  const start = (command: string, signal: AbortSignal) =>
    spawn('ssh', [...options(access), '--', access.host, command], { stdio: ['pipe', 'pipe', 'pipe'], signal });

  async function say(command: string, ms = SHORT_MS): Promise<string> {
    const child = start(command, AbortSignal.timeout(ms));
    child.stdin.end();
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text = `${text}${more}`.slice(0, MOST_TEXT);
    });
    const end = await ended(child);
    if (end.code !== 0) throw complain(access, end);
    return text;
  }

  return {
    path: (folder) => join(access.directory, folder),
    prepare: async (folder) => void (await say(`prepare ${folder}`)),
    async list(folder) {
      const lines = (await say(`list ${folder}`)).split('\n');
      return lines.flatMap((line) => {
        const found = /^(\d{1,15}) (cpmove-[a-z0-9_.-]{1,64})$/.exec(line);
        return found === null ? [] : [{ name: found[2] ?? '', bytes: Number(found[1]) }];
      });
    },
    async hash(folder, name) {
      const text = (await say(`hash ${folder} ${checkedName(name)}`, HASH_MS)).trim();
      if (!/^[0-9a-f]{64}$/.test(text)) throw new FilesAway(`${access.host}: its checksum is none`);
      return text;
    },
    read(folder, name, signal) {
      const child = start(`get ${folder} ${checkedName(name)}`, signal);
      child.stdin.end();
      return bodyOf(access, child, child.stdout);
    },
    async write(folder, name, source, signal) {
      const child = start(`put ${folder} ${checkedName(name)}`, signal);
      child.stdout.resume();
      const end = ended(child);
      try {
        await pipeline(source, child.stdin, { signal });
      } catch (error) {
        child.kill();
        const { words } = await end;
        throw new FilesAway(`${access.host}: ${words === '' ? messageOf(error) : words}`, { cause: error });
      }
      const done = await end;
      if (done.code !== 0) throw complain(access, done);
    },
    remove: async (folder) => void (await say(`remove ${folder}`)),
  };
}

/** What the command writes, ended only when the command ended well: half a file must not look like a whole one. */
function bodyOf(access: SshAccess, child: ChildProcess, stdout: Readable): Readable {
  const body = new PassThrough();
  stdout.pipe(body, { end: false });
  body.once('close', () => child.kill());
  ended(child).then(
    (end) => {
      if (end.code === 0) body.end();
      else body.destroy(complain(access, end));
    },
    (error: unknown) => body.destroy(new FilesAway(messageOf(error), { cause: error })),
  );
  return body;
}
