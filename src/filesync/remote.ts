import { spawn } from 'node:child_process';
import type { FilesWay } from '../config-filesync.ts';
import { AppError, Unreachable } from '../errors.ts';
import { ask } from './ask.ts';
import { type Reply, type Request, reply } from './question.ts';

/** The agent answered, and the answer is no. */
export class AgentSaysNo extends AppError {
  readonly code = 'filesync.says-no';
  readonly retry = 'never';
}

const mostBytes = 8 * 1024 * 1024;

function sshWords(way: FilesWay & { kind: 'ssh' }): readonly string[] {
  const options = [
    ...['BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none', 'ForwardAgent=no', 'ClearAllForwardings=yes'],
    ...['StrictHostKeyChecking=yes', `UserKnownHostsFile=${way.knownHostsFile}`, 'GlobalKnownHostsFile=/dev/null'],
    ...['ConnectTimeout=5', 'ServerAliveInterval=5', 'ServerAliveCountMax=2', 'LogLevel=ERROR'],
  ];
  const flags = ['-F', '/dev/null', '-T', '-i', way.keyFile, '-p', String(way.port), '-l', way.user];
  return [...flags, ...options.flatMap((one) => ['-o', one]), '--', way.host, 'ask'];
}

function overSsh(way: FilesWay & { kind: 'ssh' }, asked: Request, signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', sshWords(way), { stdio: ['pipe', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
    let [text, words] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.length > mostBytes) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      words = (words + more).slice(-500);
    });
    // It may end before it has read the question; its end says why.
    child.stdin.on('error', () => {});
    child.stdin.end(`${JSON.stringify(asked)}\n`);
    child.once('error', (cause) => reject(new Unreachable(`${way.host}: ${cause.message}`, { cause })));
    child.once('close', () => {
      try {
        resolve(reply.parse(JSON.parse(text)));
      } catch (cause) {
        const said = words.trim().replace(/[^\x20-\x7e\xa0-\uffff]/g, ' ');
        reject(new Unreachable(`the agent on ${way.host} gave no answer: ${said.slice(0, 300)}`, { cause }));
      }
    });
  });
}

/** Asks an agent. Throws Unreachable when it cannot be reached, AgentSaysNo with its own words when it refuses. */
export async function askAgent(way: FilesWay, asked: Request, signal: AbortSignal): Promise<Reply> {
  const said = way.kind === 'ssh' ? await overSsh(way, asked, signal) : await ask(way.path, asked);
  if (said.error !== undefined) throw new AgentSaysNo(said.error.slice(0, 1000));
  return said;
}
