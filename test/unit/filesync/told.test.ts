import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Contents } from '../../../src/filesync/contents.ts';
import { absent, type Known, type State, unknown } from '../../../src/filesync/model.ts';
import { decide, remembered } from '../../../src/filesync/plan.ts';
import type { Verdict } from '../../../src/filesync/receive.ts';
import { Sender } from '../../../src/filesync/sender.ts';
import { remember, type Site } from '../../../src/filesync/site.ts';
import { sameState } from '../../../src/filesync/states.ts';
import { bumped, nextCount } from '../../../src/filesync/version.ts';
import { FrameReader, type Message } from '../../../src/filesync/wire.ts';

const key = 'home/bob/a';
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** One path on one side: the real sender with its memory, and what comes and goes over the wire, which is cut at times. */
class End {
  readonly site: Site;
  readonly sender: Sender;
  readonly wire: Message[] = [];
  private readonly records = new Map<string, Known>();
  private readonly side: 1 | 2;
  private readonly clock: { count: number };

  constructor(side: 1 | 2, clock: { count: number }) {
    this.side = side;
    this.clock = clock;
    const { records, wire } = this;
    const pending = new Set<string>();
    const store = {
      pending,
      get: (name: string) => records.get(name),
      kind: (name: string) => records.get(name)?.state.kind ?? 'absent',
      set: (name: string, known: Known) => {
        records.set(name, known);
        if (known.pending) {
          pending.add(name);
          this.sender.add(name);
        } else pending.delete(name);
      },
      remove: (name: string) => {
        records.delete(name);
        pending.delete(name);
      },
    };
    const maps = { trees: new Map(), files: new Map(), children: new Map(), peaks: new Map() };
    const log = pino({ level: 'silent' });
    this.site = { store, contents: new Contents(), ...maps, log, stopped: () => undefined } as unknown as Site;
    const reader = new FrameReader();
    this.sender = new Sender({
      site: this.site,
      write: (bytes) => wire.push(...reader.push(bytes).map(({ message }) => message)),
      sendLarge: () => {},
      later: (_ms, work) => void setImmediate(work),
    });
    this.sender.open();
  }

  get known(): Known {
    return this.records.get(key) ?? unknown;
  }

  private count(): number {
    this.clock.count = nextCount(this.clock.count, 0);
    return this.clock.count;
  }

  /** What a look at the disk notes. */
  edit(state: State): void {
    const { known } = this;
    if (sameState(known.state, state)) return;
    const agreed = known.pending ? known.agreed : known.version[0] + known.version[1] === 0 ? undefined : known.state;
    const version = bumped(known.version, this.side, this.count());
    remember(this.site, key, { version, state, pending: true, ...(agreed === undefined ? {} : { agreed }) });
  }

  /** Takes in one message of the other side, as a connection does. */
  take(said: Message | undefined): void {
    if (said?.is === 'done') this.sender.done(said.frame);
    if (said?.is === 'answers') for (const answer of said.answers) this.sender.answered(...answer);
    if (said?.is !== 'offers') return;
    for (const [name, version, state, conflict] of said.offers) {
      this.sender.heard(name, version);
      const mine = this.known;
      const offer = { key: name, version, state, conflict };
      const decision = decide(mine, offer, this.side, this.count());
      const verdict: Verdict = decision.kind === 'crossed' ? 'crossed' : 'ok';
      if (decision.kind !== 'old') remember(this.site, key, remembered(mine, offer, decision));
      if (verdict !== 'ok') this.wire.push({ is: 'answers', answers: [[name, version, verdict]] });
    }
    this.wire.push({ is: 'done', frame: said.frame });
  }
}

const link = (mtime: string): State => ({
  kind: 'link',
  target: 'x'.repeat(Number(mtime)),
  user: '',
  group: '',
  mtime,
});
const directory: State = { kind: 'directory', mode: 0o755, user: 'bob', group: 'bob', attributes: '' };
type Step =
  | { readonly at: 0 | 1; readonly edit: State }
  | { readonly at: 0 | 1 }
  | { readonly cut: true }
  | { readonly turn: true };

const at = fc.constantFrom(0 as const, 1 as const);
const histories: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ at, edit: fc.constantFrom(absent, directory, link('1'), link('2')) }) },
    { weight: 4, arbitrary: fc.record({ at }) },
    { weight: 3, arbitrary: fc.constant({ turn: true as const }) },
    { weight: 1, arbitrary: fc.constant({ cut: true as const }) },
  ),
  { maxLength: 25 },
);

function cut(ends: readonly [End, End]): void {
  for (const end of ends) {
    end.sender.close();
    end.wire.length = 0;
  }
  for (const end of ends) end.sender.open();
}

async function settle(ends: readonly [End, End]): Promise<void> {
  for (let n = 0; n < 200; n++) {
    await turn();
    for (const side of [0, 1] as const) for (const said of ends[1 - side]?.wire.splice(0) ?? []) ends[side].take(said);
    if (ends.every((end) => end.wire.length === 0 && end.site.store.pending.size === 0)) return;
  }
  throw new Error(`never quiet: ${JSON.stringify(ends.map((end) => end.known))}`);
}

async function played(history: readonly Step[]): Promise<[End, End]> {
  const clock = { count: 0 };
  const ends: [End, End] = [new End(1, clock), new End(2, clock)];
  for (const step of history) {
    if ('cut' in step) cut(ends);
    else if ('turn' in step) await turn();
    else if ('edit' in step) ends[step.at].edit(step.edit);
    else ends[step.at].take(ends[1 - step.at]?.wire.shift());
  }
  await settle(ends);
  return ends;
}

describe('any history of one path, with cuts', () => {
  it('ends in silence with the same state, and both sides know the same of it', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const [one, two] = await played(history);
        expect(one.known).toEqual(two.known);
      }),
      { numRuns: 400 },
    );
  });

  it('what is removed afterwards on one side stays removed', async () => {
    await fc.assert(
      fc.asyncProperty(histories, at, async (history, side) => {
        const ends = await played(history);
        ends[side].edit(absent);
        await settle(ends);
        expect(ends.map((end) => end.known.state)).toEqual([absent, absent]);
      }),
      { numRuns: 200 },
    );
  });
});
