import type { Place } from '../actions/define.ts';
import type { Master, Masters } from '../masters.ts';
import { readAnswer } from '../whm/answer.ts';
import { deadlineOf } from '../whm/client.ts';
import type { Outcome } from '../whm/outcome.ts';
import { encode } from '../whm/wire.ts';
import { exchangeOf } from './evidence.ts';
import type { Ask, Evidence, Owned, Reply, Side, Step, Values } from './model.ts';
import type { Probe } from './probe.ts';

/** How long a request that is no call may take. */
const otherMs = 60_000;

export interface SideOptions {
  readonly probe: Probe;
  readonly values: Values;
  readonly master: Master;
  readonly masters: Masters;
  /** Stops reads at once and steps before their next request; a write that is under way is waited for. */
  readonly signal: AbortSignal;
}

export interface OpenSide extends Side {
  /** Plays a step and hands over what came of it. Throws `Stopped` when the run was stopped. */
  play(step: Step): Promise<Evidence>;
  /** What must be taken away again, newest first. */
  readonly owned: readonly Owned[];
  /** Whether a call of this function ended in doubt, so that its effect may still come. */
  wasInDoubt(fn: string): boolean;
}

/** The person wants no more: what was made is taken away, and that is all. */
export class Stopped extends Error {}

/** What became of a request, by the rules that count for operations. */
export function outcomeOf(ask: Ask, reply: Reply): Outcome | undefined {
  if (reply.failure !== undefined) {
    return { kind: reply.failure.sent ? 'in-doubt' : 'not-sent', reason: reply.failure.reason };
  }
  return ask.reads === undefined ? undefined : readAnswer(ask.reads, reply.status, reply.text);
}

function nameOf(ask: Ask): string {
  return ask.reads?.fn ?? ask.path;
}

function deadlineFor(ask: Ask): number {
  return ask.reads === undefined ? otherMs : deadlineOf(ask.reads);
}

function isLate([ask, reply]: readonly [Ask, Reply]): boolean {
  return reply.ms > deadlineFor(ask) / 2;
}

/** One server, ready to be played to. */
export function openSide(options: SideOptions): OpenSide {
  const { probe, values, master, masters, signal } = options;
  const owned: Owned[] = [];
  const doubted = new Set<string>();
  const secrets = new Set<string>([
    values.password,
    values.password2,
    values.dkimKey,
    values.dkimKey2,
    values.certificateKey,
  ]);
  let said: (readonly [Ask, Reply])[] = [];
  let isWriting = false;

  async function send(ask: Ask): Promise<Reply> {
    if (signal.aborted) throw new Stopped('the run was stopped');
    const reply = await probe.send(ask, deadlineFor(ask), isWriting ? undefined : signal);
    said.push([ask, reply]);
    if (outcomeOf(ask, reply)?.kind === 'in-doubt') doubted.add(nameOf(ask));
    return reply;
  }

  const side: Side = {
    values,
    place: (sent): Place => ({ master, masters, sent }),
    send,
    async call(call, sign = { kind: 'ours' }) {
      const wire = encode(call);
      const ask: Ask = { port: 'whm', path: wire.path, form: [...new URLSearchParams(wire.body)], sign, reads: call };
      const reply = await send(ask);
      return outcomeOf(ask, reply) ?? { kind: 'in-doubt', reason: 'unread' };
    },
    own(thing) {
      owned.unshift(thing);
    },
    secret(value) {
      secrets.add(value);
    },
  };

  return {
    ...side,
    owned,
    wasInDoubt: (fn) => doubted.has(fn),
    async play(step) {
      said = [];
      isWriting = step.kind === 'write';
      const facts = await step.run(side);
      const exchanges = said.map(([ask, reply]) => exchangeOf(ask, reply, outcomeOf(ask, reply), [...secrets]));
      const late = said.filter(isLate).map(([ask, reply]) => `${nameOf(ask)} took ${Math.round(reply.ms / 1000)} s`);
      return { step: step.id, facts, exchanges, late };
    },
  };
}
