/**
 * Keeps a worker going. The process that people start is then only the keeper: one child of it works, and a second one,
 * the standby, has loaded and opened everything and sleeps. When the first dies, the kernel tells the keeper in that
 * moment, and the standby begins. It decides nothing about leases: a worker that is frozen is not dead and is not
 * replaced, and what a dead one had in hand is taken over as by any worker that starts.
 */
import type { ChildProcess } from 'node:child_process';
import type { Logger } from '../log.ts';

/** What the keeper says to a child. `redis`: the address of the one that it keeps running, for a node without its own. */
export type KeeperWord = { readonly kind: 'prepare'; readonly redis: string | null } | { readonly kind: 'begin' };
/** What a child says to its keeper. */
export interface KeptWord {
  readonly kind: 'prepared' | 'working';
}

export interface KeeperOptions {
  /** A new process of the program, with a channel for messages. */
  readonly fork: () => ChildProcess;
  readonly redisUrl: string | undefined;
  readonly log: Logger;
  /** A child works, or is ready to take over. */
  readonly onChange?: (kept: KeptNow) => void;
}

/** Process numbers; undefined where there is none at the moment. */
export interface KeptNow {
  readonly working: number | undefined;
  readonly standby: number | undefined;
}

export interface Keeper {
  /** Closes both in good order. Later calls wait for the first. */
  close(): Promise<void>;
  /** Resolves with the exit code when it is closed, or when a worker cannot be kept going; nothing runs any more. */
  readonly ended: Promise<number>;
}

/** Loading takes a second of the processor, and a worker that has just begun needs it all: the next standby waits. */
const STANDBY_AFTER_MS = 5000;
/** A standby that could not be made ready is tried again; its worker goes on without. */
const STANDBY_AGAIN_MS = 10_000;
/** More deaths than this in a minute are no accident: whoever started us shall see them. */
const MOST_DEATHS = 5;
const DEATHS_WITHIN_MS = 60_000;

interface Kept {
  readonly child: ChildProcess;
  readonly gone: Promise<void>;
  state: 'loading' | 'prepared' | 'beginning' | 'working';
}

/** Starts a worker, and its standby a little later. */
export function openKeeper(options: KeeperOptions): Keeper {
  const keeper = new OpenKeeper(options);
  return { close: () => keeper.close(), ended: keeper.ended };
}

class OpenKeeper {
  readonly #options: KeeperOptions;
  #worker: Kept;
  #standby: Kept | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #deaths: number[] = [];
  #end: (code: number) => void = () => {};
  readonly ended = new Promise<number>((resolve) => {
    this.#end = resolve;
  });

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#worker = this.#launch();
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll(0);
    return this.#closing;
  }

  async #closeAll(code: number): Promise<void> {
    clearTimeout(this.#timer);
    const all = [this.#worker, ...(this.#standby === undefined ? [] : [this.#standby])];
    // A child whose channel ends closes in good order. No signal: it may have had one already, and two mean "at once".
    for (const { child } of all) if (child.connected) child.disconnect();
    await Promise.all(all.map(({ gone }) => gone));
    this.#end(code);
  }

  #launch(): Kept {
    const child = this.#options.fork();
    const lastResort = (): void => void child.kill('SIGKILL');
    process.once('exit', lastResort);
    const gone = new Promise<void>((resolve) => {
      const over = (): void => {
        process.removeListener('exit', lastResort);
        resolve();
      };
      child.once('exit', over);
      child.on('error', () => {
        // It could not even be started.
        if (child.pid === undefined) over();
      });
    });
    const kept: Kept = { child, gone, state: 'loading' };
    // Only our own program is at the other end.
    child.on('message', (word) => this.#hear(kept, word as KeptWord));
    void gone.then(() => this.#mourn(kept));
    say(child, { kind: 'prepare', redis: this.#options.redisUrl ?? null });
    return kept;
  }

  #hear(kept: Kept, { kind }: KeptWord): void {
    kept.state = kind;
    if (kind === 'prepared' && kept === this.#worker) this.#begin(kept);
    if (kind === 'prepared' && kept === this.#standby) {
      this.#options.log.info({ standby: kept.child.pid }, 'a standby is ready');
    }
    if (kind === 'working') {
      this.#options.log.info({ worker: kept.child.pid }, 'a worker has begun');
      if (this.#standby === undefined) this.#planStandby(STANDBY_AFTER_MS);
    }
    this.#tell();
  }

  #begin(kept: Kept): void {
    kept.state = 'beginning';
    say(kept.child, { kind: 'begin' });
  }

  #planStandby(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#closing !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#standby = this.#launch();
    }, ms);
  }

  /** A child is gone. */
  #mourn(kept: Kept): void {
    if (this.#closing !== undefined) return;
    const { log } = this.#options;
    const { exitCode, signalCode, pid } = kept.child;
    if (kept === this.#standby) {
      this.#standby = undefined;
      log.warn({ standby: pid, exitCode, signalCode }, 'the standby ended; another one is made ready soon');
      this.#planStandby(STANDBY_AGAIN_MS);
      this.#tell();
      return;
    }
    log.warn({ worker: pid, exitCode, signalCode }, 'the worker ended');
    const couldNotStart = kept.state !== 'working' && signalCode === null;
    if (couldNotStart || this.#diesTooOften()) {
      log.error({}, 'a worker cannot be kept going');
      this.#closing = this.#closeAll(exitCode === null || exitCode === 0 ? 1 : exitCode);
      return;
    }
    clearTimeout(this.#timer);
    this.#worker = this.#standby ?? this.#launch();
    this.#standby = undefined;
    if (this.#worker.state === 'prepared') this.#begin(this.#worker);
    this.#tell();
  }

  #diesTooOften(): boolean {
    const now = performance.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < DEATHS_WITHIN_MS), now];
    return this.#deaths.length > MOST_DEATHS;
  }

  #tell(): void {
    const pidIn = (kept: Kept | undefined, state: Kept['state']) =>
      kept?.state === state ? kept.child.pid : undefined;
    this.#options.onChange?.({
      working: pidIn(this.#worker, 'working'),
      standby: pidIn(this.#standby, 'prepared'),
    });
  }
}

/** Who is gone meanwhile hears nothing; its exit says the rest. */
function say(child: ChildProcess, word: KeeperWord): void {
  if (child.connected) child.send(word, () => {});
}
