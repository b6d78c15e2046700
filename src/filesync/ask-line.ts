import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { FilesWay } from '../config-filesync.ts';
import { Unreachable } from '../errors.ts';
import { type Reply, type Request, reply } from './question.ts';

const mostBytes = 8 * 1024 * 1024;
/** A line that nobody asks on is given up. */
const restMs = 60_000;

type SshWay = FilesWay & { kind: 'ssh' };

function sshWords(way: SshWay): readonly string[] {
  const options = [
    ...['BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none', 'ForwardAgent=no', 'ClearAllForwardings=yes'],
    ...['StrictHostKeyChecking=yes', `UserKnownHostsFile=${way.knownHostsFile}`, 'GlobalKnownHostsFile=/dev/null'],
    ...['ConnectTimeout=5', 'ServerAliveInterval=15', 'ServerAliveCountMax=2', 'LogLevel=ERROR'],
  ];
  const flags = ['-F', '/dev/null', '-T', '-i', way.keyFile, '-p', String(way.port), '-l', way.user];
  return [...flags, ...options.flatMap((one) => ['-o', one]), '--', way.host, 'ask'];
}

interface Waiting {
  readonly resolve: (said: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** The other end of the line had ended by itself, so nobody has read the question. */
class NotRead extends Unreachable {}

/** An ssh connection to an agent that answers one question after the other: a login for each costs more than the answer. */
class AskLine {
  isOver = false;
  readonly #host: string;
  readonly #child: ChildProcessWithoutNullStreams;
  #waiting: Waiting | undefined;
  #text = '';
  #words = '';
  #rest: NodeJS.Timeout | undefined;

  constructor(way: SshWay) {
    this.#host = way.host;
    this.#child = spawn('ssh', sshWords(way), { stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdin, stdout, stderr } = this.#child;
    stdout.setEncoding('utf8').on('data', (more: string) => {
      this.#text += more;
      if (this.#text.length > mostBytes) this.end();
      else if (this.#text.endsWith('\n')) this.#settle();
    });
    stderr.setEncoding('utf8').on('data', (more: string) => {
      this.#words = (this.#words + more).slice(-500);
    });
    // It may end before it has read the question; its end says why.
    stdin.on('error', () => {});
    this.#child.once('error', (cause) => this.#fail(new Unreachable(`${way.host}: ${cause.message}`, { cause })));
    this.#child.once('close', (code) => {
      this.isOver = true;
      clearTimeout(this.#rest);
      // A connection that broke is 255.
      if (code === 0 && this.#text === '') this.#fail(new NotRead(`the agent on ${way.host} gave no answer`));
      else this.#settle();
    });
  }

  get isFree(): boolean {
    return this.#waiting === undefined && !this.isOver;
  }

  /** Only while it is free. A question that is given up ends the line, since its answer may still come. */
  ask(asked: Request, signal: AbortSignal): Promise<Reply> {
    clearTimeout(this.#rest);
    const giveUp = (): void => {
      this.end();
      this.#fail(signal.reason);
    };
    const said = new Promise<Reply>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      this.#holdsProcess(true);
      this.#child.stdin.write(`${JSON.stringify(asked)}\n`);
    });
    return said.finally(() => signal.removeEventListener('abort', giveUp));
  }

  end(): void {
    this.isOver = true;
    this.#child.kill('SIGKILL');
  }

  /** What was said is the answer, or there is none. */
  #settle(): void {
    const [waiting, text] = [this.#waiting, this.#text];
    this.#text = '';
    if (waiting === undefined) return;
    try {
      const said = reply.parse(JSON.parse(text));
      this.#waiting = undefined;
      // A command at a prompt ends while the line rests.
      this.#holdsProcess(false);
      this.#rest = setTimeout(() => this.end(), restMs).unref();
      waiting.resolve(said);
    } catch (cause) {
      const words = this.#words.trim().replace(/[^\x20-\x7e\xa0-\uffff]/g, ' ');
      this.end();
      this.#fail(new Unreachable(`the agent on ${this.#host} gave no answer: ${words.slice(0, 300)}`, { cause }));
    }
  }

  #fail(error: unknown): void {
    this.isOver = true;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  #holdsProcess(holds: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const one of [this.#child, stdin, stdout, stderr]) {
      // A child's pipes are sockets, which their types do not say.
      if (one === this.#child || one instanceof Socket) one[holds ? 'ref' : 'unref']();
    }
  }
}

/** Lines that rest or work, by the way that they go. */
const lines = new WeakMap<SshWay, AskLine>();

/**
 * Asks over the line that is kept for this way, or over one of its own while another question waits there. Throws
 * Unreachable when no answer comes, or the signal's reason.
 */
export async function askOverSsh(way: SshWay, asked: Request, signal: AbortSignal): Promise<Reply> {
  const kept = lines.get(way);
  try {
    if (kept?.isFree === true) return await kept.ask(asked, signal);
  } catch (error) {
    // A door of before ends after each answer.
    if (!(error instanceof NotRead)) throw error;
  }
  const line = new AskLine(way);
  if (kept === undefined || kept.isOver) lines.set(way, line);
  try {
    return await line.ask(asked, signal);
  } finally {
    if (lines.get(way) !== line) line.end();
  }
}
