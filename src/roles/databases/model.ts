import type { Clock } from '../../clock.ts';
import type { Config } from '../../config.ts';
import type { Server } from '../../dbsync/mariadb/connect.ts';
import type { Folder } from '../../dbsync/mariadb/folder.ts';
import type { Logger } from '../../log.ts';

/** What a `tandem db` command works with; the servers are of one engine, MariaDB's where none is named. */
export interface Desk<Servers = readonly [Server, Server]> {
  readonly config: Config;
  readonly servers: Servers;
  readonly folder: Folder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  /** A line for people while it runs; never part of the answer. */
  tell(line: string): void;
  /** Asks on the terminal; with --yes it is agreed, without a terminal it is not. */
  agree(): Promise<boolean>;
}

/** What a command answers. */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
  readonly exit: number;
}

export interface DbCommand<At = Desk> {
  /** Words after `tandem db`, for the help. */
  readonly usage: string;
  readonly about: string;
  readonly flags: Readonly<Record<string, 'text' | 'switch'>>;
  run(desk: At): Promise<Answer>;
}
