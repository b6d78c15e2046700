/** From the configuration to the two PostgreSQL servers that belong together. */
import type { Config } from '../../config.ts';
import { Invalid } from '../../errors.ts';
import type { Side } from '../model.ts';
import { openPgServer } from './connect.ts';
import type { PgPair } from './link.ts';

/** Whether PostgreSQL is looked after at all. */
export function hasPostgres(config: {
  readonly masters: readonly Pick<Config['masters'][number], 'postgres'>[];
}): boolean {
  return config.masters.some((one) => one.postgres !== undefined);
}

/** The two servers of the configuration, in its order; connections are made when needed. Throws Invalid unless there are two. */
export function pgPairOf(config: Pick<Config, 'masters'>, options: { readonly watched?: boolean } = {}): PgPair {
  const sides = config.masters.flatMap((master, at): Side[] =>
    master.postgres === undefined
      ? []
      : [
          {
            ...{ id: master.id, name: master.name, number: at + 1, access: master.postgres },
            hosts: [...new Set([master.hostname, master.address])],
          },
        ],
  );
  const [a, b] = sides;
  if (a === undefined || b === undefined || sides.length > 2)
    throw new Invalid('PostgreSQL is looked after on exactly two masters.', [
      { path: 'masters.*.postgres', message: `is there for ${sides.length} of ${config.masters.length} masters` },
    ]);
  return [openPgServer({ ...a, number: 1 }, options), openPgServer({ ...b, number: 2 }, options)];
}
