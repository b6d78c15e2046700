import { createHash } from 'node:crypto';
import { z } from 'zod';
import { told } from '../../notify/notifier.ts';
import { placementSchema } from '../placement/model.ts';
import { noteSchema } from '../state/notes.ts';
import { orderSchema } from '../state/store.ts';
import type { Topology } from '../verdict/topology.ts';

/** What watchers, witnesses and the portal say to each other: JSON over mutual TLS, bounded, with a version. */

export const protocolVersion = 1;

/** Of what watchers say to each other: one that knows no orders for several accounts would take one for an order for all. */
export const exchangeVersion = 2;

/** Most bytes of one message. */
export const messageBytes = 4 * 1024 * 1024;

const sees = z.record(z.string().max(32), z.boolean());

/** Sent by both sides of an exchange alike. */
export const exchangeSchema = z.object({
  version: z.literal(exchangeVersion),
  from: z.string().max(32),
  /** Of the configured places: two that are configured differently must not count each other's word. */
  topology: z.string().max(64),
  /** Ids of the orders that nothing follows. */
  heads: z.array(z.string().max(64)).max(64),
  /** All orders, when the other side is known not to have them; else none. */
  orders: z.array(orderSchema).max(10_000),
  notes: z.array(noteSchema).max(1000),
  /** Id of the list of what belongs where that counts for the sender. */
  placement: z.string().max(64),
  /** The list, unless the other side is known to have it. */
  placed: placementSchema.optional(),
  /** Masters that are surely seen serving, or surely gone; of others nothing is said. */
  sees,
  anchor: z.boolean(),
  /** What people were told, so that they hear it once; absent where nobody is warned. */
  told: told.optional(),
  /** The sender's clock, milliseconds since 1970: only compared, to warn of a wrong one. */
  now: z.number(),
});

export type Exchange = z.output<typeof exchangeSchema>;

export const seeRequest = z.object({ version: z.literal(protocolVersion), from: z.string().max(32) });
export const seeAnswer = z.object({ version: z.literal(protocolVersion), from: z.string().max(32), sees });

export type SeeAnswer = z.output<typeof seeAnswer>;

/** Same places, same order: the order decides who has the casting vote. */
export function fingerprintOf(topology: Topology): string {
  const places = topology.places.map(({ id, kind, site }) => [id, kind, site]);
  return createHash('sha256').update(JSON.stringify(places)).digest('base64url').slice(0, 22);
}
