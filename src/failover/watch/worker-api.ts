import { request } from 'node:https';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { WorkerApi } from '../../config-watch.ts';
import { Unreachable } from '../../errors.ts';
import type { Barrier } from '../commands/deps.ts';
import { jsonBody } from '../peers/tls.ts';
import { type PlacementWish, wishSchema } from '../placement/model.ts';
import type { ActiveMasters } from '../publish/model.ts';
import type { GateProvider } from './gate.ts';

/** What the journal knows, through a web role's JSON API: for the gate and the barrier of a return. Never for a switch. */

const waitingSchema = z.object({
  oldestLegMs: z.number(),
  legsInDoubt: z.number(),
  holds: z.number(),
  /** Absent from a web role of an earlier version. */
  certificatesEqual: z.union([z.boolean(), z.literal('unknown')]).default('unknown'),
});
const movedSchema = z.object({ seq: z.number() });
const openSchema = z.object({ open: z.number() });

async function ask(
  api: WorkerApi,
  method: 'GET' | 'POST',
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const incoming = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const sent = request(
      new URL(`/api/v1${path}`, api.url),
      {
        method,
        signal,
        agent: false,
        ...(api.ca === undefined ? {} : { ca: api.ca }),
        headers: {
          authorization: `Bearer ${api.token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        },
      },
      resolve,
    );
    sent.once('error', reject);
    sent.end(text);
  });
  const said = await jsonBody(incoming);
  if (incoming.statusCode === 200) return said;
  const message = z.object({ error: z.object({ message: z.string() }) }).safeParse(said);
  const reason = message.success ? message.data.error.message.slice(0, 300) : `it says ${incoming.statusCode}`;
  throw new Unreachable(`the journal: ${reason}`, { hint: 'Look at the web role that watch.worker.url names.' });
}

function onlyOf(accounts: readonly string[], mark: '?' | '&'): string {
  return accounts.length === 0 ? '' : `${mark}${new URLSearchParams({ accounts: accounts.join(',') }).toString()}`;
}

/** What belongs where, as the journal has it now. */
export async function askPlacement(api: WorkerApi, signal: AbortSignal): Promise<PlacementWish> {
  return wishSchema.parse(await ask(api, 'GET', '/placement', undefined, signal));
}

/** Backlog, doubts and holds of a master, and whether certificates are the same, as the journal has them. */
export function journalGate(api: WorkerApi): GateProvider {
  return {
    name: 'journal',
    facts: async (master, signal, accounts) => {
      const path = `/masters/${encodeURIComponent(master)}/waiting${onlyOf(accounts, '?')}`;
      return waitingSchema.parse(await ask(api, 'GET', path, undefined, signal));
    },
  };
}

/** Tells the journal who is active. Answers the newest sequence number of before. */
export async function tellJournal(
  api: WorkerApi,
  active: ActiveMasters,
  epoch: number,
  retreat: boolean,
  signal: AbortSignal,
): Promise<number> {
  const body = { pair: active.pair, accounts: active.accounts, epoch, retreat };
  return movedSchema.parse(await ask(api, 'POST', '/active', body, signal)).seq;
}

/** Raises the epoch, then waits until nothing that was led before is under way. */
export function journalBarrier(api: WorkerApi, clock: Clock): Barrier {
  return {
    async raise(active, epoch, signal, accounts) {
      const seq = await tellJournal(api, active, epoch, false, signal);
      for (;;) {
        const { open } = openSchema.parse(
          await ask(api, 'GET', `/active/open?seq=${seq}${onlyOf(accounts, '&')}`, undefined, signal),
        );
        if (open === 0) return;
        await clock.sleep(500, signal);
        if (signal.aborted)
          throw new Unreachable(`${open} older changes are still under way`, {
            hint: 'See: tandem operations --state open',
          });
      }
    },
    async lower(active, epoch, signal) {
      await tellJournal(api, active, epoch, true, signal);
    },
  };
}
