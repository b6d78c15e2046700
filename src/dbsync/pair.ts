/** From the configuration to the two servers that belong together. */
import type { Config } from '../config.ts';
import { Invalid } from '../errors.ts';
import { openServer, type Server } from './mariadb/connect.ts';
import type { Side } from './model.ts';

/** The MariaDB sides of the configuration, in its order. Throws Invalid unless there are two. */
export function sidesOf(config: Pick<Config, 'masters'>): readonly [Side, Side] {
  const sides = config.masters.flatMap((master, at): Side[] =>
    master.mariadb === undefined
      ? []
      : [
          {
            id: master.id,
            name: master.name,
            number: at + 1,
            hosts: [...new Set([master.hostname, master.address])],
            access: master.mariadb,
          },
        ],
  );
  const [a, b] = sides;
  if (a === undefined || b === undefined || sides.length > 2)
    throw new Invalid('Databases are looked after on exactly two masters.', [
      { path: 'masters.*.mariadb', message: `is there for ${sides.length} of ${config.masters.length} masters` },
    ]);
  return [a, b];
}

/** Opens both; connections are made when they are needed. */
export function openPair(config: Pick<Config, 'masters'>): {
  readonly servers: readonly [Server, Server];
  close(): Promise<void>;
} {
  const [a, b] = sidesOf(config);
  const servers = [openServer(a), openServer(b)] as const;
  return {
    servers,
    async close() {
      await Promise.all(servers.map((one) => one.close()));
    },
  };
}
