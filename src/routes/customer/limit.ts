/** How many of a thing the package allows, and how many there are: shown where it bites. */
import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import type { Visit } from './visit.ts';

const rows = z.array(
  z.object({ name: z.string(), _count: z.coerce.string().nullish(), _max: z.coerce.string().nullish() }),
);

export interface Limit {
  readonly used: number;
  readonly most: number;
  readonly isFull: boolean;
}

/** What StatsBar calls these things; undefined: no bound, or nobody has told yet. */
export async function limitOf(visit: Visit, thing: 'sqldatabases' | 'ftpaccounts'): Promise<Limit | undefined> {
  const known = await visit.ask(
    uapi(visit.account, 'StatsBar::get_stats', { display: 'sqldatabases|ftpaccounts' }),
    rows,
  );
  const row = known.value?.find((one) => one.name === thing);
  const [used, most] = [Number(row?._count), Number(row?._max)];
  if (row === undefined || !Number.isFinite(used) || !Number.isFinite(most)) return undefined;
  return { used, most, isFull: used >= most };
}

/** The sheet's count, where there is a bound. */
export function limitText(
  limit: Limit | undefined,
  say: (values: { readonly used: number; readonly most: number }) => string,
): { readonly count?: string } {
  return limit === undefined ? {} : { count: say({ used: limit.used, most: limit.most }) };
}
