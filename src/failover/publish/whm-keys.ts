import { z } from 'zod';
import { type WhmCall, whm } from '../../whm/call.ts';
import type { ZoneKey } from './publisher.ts';

/** The keys of zones as WHM tells them, on a master and on a DNS-only server. */

/** A key, and WHM's number of it there. */
export interface WhmKey extends ZoneKey {
  readonly id: number;
}

/** More keys than anybody needs, and one zone must not fill a name server. */
const mostKeys = 8;
const shortNumber = z.coerce.number().int().min(0).max(65_535);
const told = z.object({
  domains: z.array(
    z.object({
      domain: z.string(),
      ds_records: z
        .object({
          keys: z
            .record(
              z.string(),
              z.object({
                active: z.coerce.number(),
                algo_num: shortNumber,
                key_id: z.coerce.number().int(),
                key_tag: shortNumber,
                key_type: z.string(),
              }),
            )
            .optional(),
        })
        .nullish(),
    }),
  ),
});

/** The question about some zones. */
export function askWhmKeys(zones: readonly string[]): WhmCall {
  return whm('fetch_ds_records_for_domains', Object.fromEntries(zones.map((zone, nth) => [`domain-${nth}`, zone])));
}

function activeKeys({ domain: zone, ds_records: above }: z.output<typeof told>['domains'][number]): readonly WhmKey[] {
  const active = Object.values(above?.keys ?? {}).filter((one) => one.active === 1);
  return active.slice(0, mostKeys).map(({ key_id: id, key_tag: tag, algo_num: algorithm, key_type }) => {
    return { zone, id, tag, algorithm, type: key_type.toLowerCase() === 'zsk' ? 'zsk' : 'ksk' };
  });
}

/** The active keys in an answer; undefined where it is another one. */
export function readWhmKeys(data: unknown): readonly WhmKey[] | undefined {
  const parsed = told.safeParse(data);
  return parsed.success ? parsed.data.domains.flatMap(activeKeys) : undefined;
}
