import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { OneByOne } from '../../one-by-one.ts';
import { openLedger } from '../apply/ledger.ts';
import { openReady } from '../apply/ready.ts';
import { lockFolder } from '../state/lock.ts';
import { keepAhead, writeAhead } from './ahead.ts';
import { bring, lookAhead, predict } from './bring.ts';
import { careZones } from './care.ts';
import { carriesKeys, openKeyCarrier } from './carry-keys.ts';
import { type GuardOptions, guardDirectory } from './guard.ts';
import { answeredSerials, guardWork } from './guard-work.ts';
import { keepSigned } from './keep-signed.ts';
import { whyNotShown } from './keys-shown.ts';
import { orderReader, readMemory } from './memory.ts';
import type { Publish, PublishState } from './model.ts';
import { type PullDeps, pullZones } from './pull.ts';
import { openRow, type Row } from './row.ts';
import type { Opened, PublishDeps } from './run.ts';
import { openKept } from './signed-file.ts';
import { openSigning } from './signing.ts';

/** A prediction then goes by what was known before. */
const lookAheadMs = 30_000;

function memoryFile(stateDir: string): string {
  return join(stateDir, 'state.json');
}

/** What is remembered of the last run; needs no lock. */
export async function publishState(stateDir: string): Promise<PublishState> {
  const { order, last, lastAt, moved, left, zones } = await readMemory(memoryFile(stateDir));
  return { order, last, lastAt, moved: moved.map((one) => ({ account: undefined, ...one })), left, zones };
}

function guarding(opened: Opened, row: Row, signal: AbortSignal): GuardOptions {
  const { dir, guardMs = 1000, clock, log } = opened.deps;
  return {
    dir,
    everyMs: guardMs,
    allEveryMs: 60_000,
    clock,
    log,
    seen: opened.seen,
    work: (look) =>
      row.behind(signal, async (until) => {
        const found = look();
        if (found.touched.size + found.gone.size > 0) await guardWork(opened, found, until);
      }),
  };
}

async function pull(opened: Opened, run: OneByOne, signal: AbortSignal): Promise<void> {
  const { sources = [], pullMs = 2000, home, publishers } = opened.deps;
  const pulling: PullDeps = {
    sources,
    everyMs: pullMs,
    exclusive: run,
    async active() {
      const order = await opened.standing();
      return (_, account) => (order === undefined ? home : (order.active.accounts[account ?? ''] ?? order.active.pair));
    },
    answered: (zones, until) => answeredSerials(publishers, zones, until),
  };
  await pullZones(opened, pulling, signal);
}

/** Opens the zones for work: one process at a time. Throws FolderTaken, LedgerDamaged. */
export async function openPublish(deps: PublishDeps): Promise<Publish> {
  await mkdir(deps.stateDir, { recursive: true, mode: 0o700 });
  const { release: unlock } = await lockFolder(deps.stateDir);
  try {
    const ledger = await openLedger(join(deps.stateDir, 'zones.ledger'));
    const ready = deps.ahead === undefined ? undefined : openReady(deps.dir);
    const file = memoryFile(deps.stateDir);
    const servers = [...deps.publishers.flatMap((one) => one.servers), ...(deps.others ?? [])];
    const kept = await openKept(join(deps.stateDir, 'signed.json'), deps.log);
    const signing = openSigning({ servers, resolver: deps.resolver }, deps.clock, kept);
    const standing = orderReader(file);
    const opened: Opened = { deps, ledger, memoryFile: file, seen: new Map(), ready, signing, standing };
    // Runs follow each other: an order that comes during a run waits for it, and a caller aborts the older one first.
    const row = openRow();
    const { run } = row;
    const carrier = openKeyCarrier(opened);
    return {
      bring: (order, signal, options = {}) => row.first(() => bring(opened, order, signal, options)),
      async predict(order, { only } = {}) {
        await lookAhead(opened, only, AbortSignal.timeout(lookAheadMs));
        return await run(() => predict(opened, order, only));
      },
      care: (wish, signal) => run(() => careZones(opened, wish, signal)),
      state: () => publishState(deps.stateDir),
      guard: async (signal) => {
        await Promise.all([
          guardDirectory(guarding(opened, row, signal), signal),
          pull(opened, run, signal),
          keepAhead(opened, run, signal),
          keepSigned(opened, row, signal),
          carrier.keep(signal),
        ]);
      },
      lackingKeys: carrier.lacking,
      whyKeysLack: async (zone, keys, signal) =>
        whyNotShown(zone, await carrier.shown(zone, keys, signal), carriesKeys(deps)),
      warm: () => deps.planner.warm(),
      obstacles: () => [...opened.signing.obstacles(), ...(ready?.left() ?? [])],
      ahead: (signal) => writeAhead(opened, run, signal),
      close: () =>
        run(async () => {
          await Promise.all(deps.publishers.map((publisher) => publisher.close?.()));
          await Promise.all((deps.sources ?? []).map(({ client }) => client.close()));
          await deps.planner.close();
          await ledger.close();
          await unlock();
        }),
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
