import { z } from 'zod';
import { type WhmCall, whm } from './call.ts';

/** The keys of zones as WHM tells them, on a master and on a DNS-only server. */

/** A key that a master made for a zone. */
export interface ZoneKey {
  readonly zone: string;
  /** RFC 4034, appendix B. */
  readonly tag: number;
  readonly algorithm: number;
  readonly type: 'ksk' | 'zsk';
  /** It signs everything, since there is no 'zsk' beside it. */
  readonly signsAll: boolean;
}

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

function isZsk({ key_type }: { readonly key_type: string }): boolean {
  return key_type.toLowerCase() === 'zsk';
}

function activeKeys({ domain: zone, ds_records: above }: z.output<typeof told>['domains'][number]): readonly WhmKey[] {
  const active = Object.values(above?.keys ?? {}).filter((one) => one.active === 1);
  const signsAll = !active.some(isZsk);
  return active.slice(0, mostKeys).map((key) => {
    const { key_id: id, key_tag: tag, algo_num: algorithm } = key;
    return { zone, id, tag, algorithm, type: isZsk(key) ? 'zsk' : 'ksk', signsAll };
  });
}

/** The active keys in an answer; undefined where it is another one. */
export function readWhmKeys(data: unknown): readonly WhmKey[] | undefined {
  const parsed = told.safeParse(data);
  return parsed.success ? parsed.data.domains.flatMap(activeKeys) : undefined;
}

/** Only what stands in such a file: it is handed to a program. */
const exported = z.object({
  key_content: z
    .string()
    .max(10_000)
    .regex(
      /^Private-key-format: v1\.\d\nAlgorithm: \d+[ ()A-Z0-9-]*\n(?:[A-Za-z0-9]+: [A-Za-z0-9+/=]+\n?)+$/,
      'is no key',
    ),
});

/** The question for a key itself, which is a secret. */
export function askWhmKey({ zone, id }: Pick<WhmKey, 'zone' | 'id'>): WhmCall {
  return whm('export_zone_key', { domain: zone, key_id: id });
}

/** The private key in an answer, as PowerDNS and BIND write it; undefined where it is another one. */
export function readWhmKey(data: unknown): string | undefined {
  return exported.safeParse(data).data?.key_content;
}
