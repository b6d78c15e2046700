import { execFile } from 'node:child_process';
import type { SshPlace } from '../../config-watch.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../checks/declare.ts';
import { oneLine } from '../checks/kind.ts';
import { asked, type Vantage } from '../peers/links.ts';
import type { Fence } from '../watch/fence.ts';

/** A master's shell through ssh with a forced command: it can only run `tandem-vantage`, whatever is asked. */

/** ssh did not come through, or the script refused. */
export class VantageFailed extends AppError {
  readonly code = 'watch.vantage';
  readonly retry = 'later';
}

/** Longest answer of the script. */
const answerBytes = 4096;

/** No shell on this side, no agent, no password, only the host keys of the file. */
export function sshArgs(place: SshPlace): readonly string[] {
  const options = [
    ...['BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none', 'PasswordAuthentication=no', 'ForwardAgent=no'],
    ...['StrictHostKeyChecking=yes', `UserKnownHostsFile=${place.knownHosts}`, 'GlobalKnownHostsFile=/dev/null'],
    ...['ConnectTimeout=3', 'ServerAliveInterval=2', 'ServerAliveCountMax=2', 'LogLevel=ERROR'],
  ];
  return [
    ...['-F', '/dev/null', '-T', '-i', place.key, '-p', String(place.port)],
    ...options.flatMap((option) => ['-o', option]),
    `${place.user}@${place.host}`,
  ];
}

/** One word to the script and its one line of answer. Throws VantageFailed. */
export function askVantage(place: SshPlace, words: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = [...sshArgs(place), '--', words.join(' ')];
    execFile('ssh', args, { signal, maxBuffer: answerBytes, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) return resolve(oneLine(stdout, 400));
      const said = oneLine(stderr === '' ? error.message : stderr, 200);
      reject(new VantageFailed(`${place.host} by ssh: ${said}`, { cause: error }));
    });
  });
}

/** What is looked at from there, for each master: any of its ports that answers shows it alive. */
export type Targets = Readonly<Record<string, readonly Target[]>>;

/** The script's answer to `see`: 'seen' or 'not-seen', nothing else. */
function seen(answer: string): boolean {
  if (answer === 'seen') return true;
  if (answer === 'not-seen') return false;
  throw new VantageFailed(`the vantage answers “${answer}”`);
}

/** The other master, or a witness that has nothing but sshd and the script. */
export function sshVantage(id: string, place: SshPlace, targets: Targets): Vantage {
  return {
    id,
    see: (signal) =>
      asked(async () => {
        const masters = Object.entries(targets).filter(([master]) => master !== id);
        const sees = await Promise.all(
          masters.map(async ([master, ports]) => {
            const words = ports.map(({ host, port }) => `${host}:${port}`);
            return [master, seen(await askVantage(place, ['see', ...words], signal))] as const;
          }),
        );
        return { from: id, sees: Object.fromEntries(sees) };
      }),
  };
}

const states: ReadonlySet<string> = new Set(['fenced', 'free', 'passive']);

function stateOf(answer: string): 'fenced' | 'free' | 'passive' {
  const [word = ''] = answer.split(' ');
  if (word === 'fenced' || word === 'free' || word === 'passive') return word;
  throw new VantageFailed(`the vantage answers “${answer}”; known are ${[...states].join(', ')}`);
}

/** A master's ear: the same script. */
export function sshFence(master: string, place: SshPlace, node: string): Fence {
  return {
    master,
    async tell(word, epoch, signal) {
      await askVantage(place, [word, String(epoch), node], signal);
    },
    state: async (signal) => stateOf(await askVantage(place, ['state'], signal)),
  };
}
