import { lookup } from 'node:dns';
import { connect, type Socket } from 'node:net';

/** Where an sshd listens. */
export interface Gate {
  readonly host: string;
  readonly port: number;
}

/** Often for ten minutes, then so seldom that a peer that is away for days costs little, and is found soon all the same. */
const [everyMs, seldomMs, oftenMs] = [250, 1000, 600_000];
/** How long an answer may take. The kernel would not try again before a second is over; the next knock is there sooner. */
const heardMs = 1500;
/** After how many knocks the name is looked up again. */
const namedEvery = 20;

/** How long to wait before the next knock, after so many. */
export function paceMs(knocks: number): number {
  return knocks * everyMs < oftenMs ? everyMs : seldomMs;
}

/**
 * Knocks at an sshd until it says its name, which only a whole way to it lets through: a line that is cut may well take
 * connections and swallow them, and an ssh that is started into it hangs until its time-out.
 */
export class Knocks {
  private readonly gate: Gate;
  private readonly open = new Set<Socket>();
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;
  /** Known until others are: without the line there may be nobody who knows the name. */
  private addresses: readonly string[] = [];
  private isNaming = false;

  constructor(gate: Gate) {
    this.gate = gate;
  }

  /** Calls `answered` once, unless it is stopped before. */
  start(answered: () => void): void {
    this.stop();
    this.turn = 0;
    const knock = (): void => {
      this.timer = setTimeout(knock, paceMs(this.turn));
      if (this.turn % namedEvery === 0 || this.addresses.length === 0) this.name(answered);
      this.turn += 1;
      for (const address of this.addresses) this.knock(address, answered);
    };
    knock();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const socket of this.open) socket.destroy();
    this.open.clear();
  }

  /** One at a time: a resolver without a line takes seconds, and a thread that looks at files wait for. */
  private name(answered: () => void): void {
    if (this.isNaming) return;
    this.isNaming = true;
    lookup(this.gate.host, { all: true }, (error, found) => {
      this.isNaming = false;
      if (error !== null) return;
      const isFirst = this.addresses.length === 0;
      this.addresses = found.map(({ address }) => address);
      if (isFirst && this.timer !== undefined) for (const address of this.addresses) this.knock(address, answered);
    });
  }

  private knock(host: string, answered: () => void): void {
    const socket = connect({ host, port: this.gate.port });
    this.open.add(socket);
    const over = (): void => {
      socket.destroy();
      this.open.delete(socket);
    };
    socket.setTimeout(heardMs, over);
    socket.once('error', over);
    socket.once('close', over);
    socket.once('data', (said) => {
      over();
      if (this.timer === undefined || !said.toString('latin1').startsWith('SSH-')) return;
      this.stop();
      answered();
    });
  }
}
