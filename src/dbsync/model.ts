/** What both engines share: who is spoken to, and what is said about a pair. */
import { AppError } from '../errors.ts';

/** One row as the server wrote it: every value is text, or null. */
export type Row = Readonly<Record<string, string | null>>;

/** How Tandem and the other master reach a master's database server. */
export interface Access {
  /** Socket file on this machine; then host, port and CA are not used by Tandem itself. */
  readonly socket?: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  /** PEM; what makes the server's certificate trusted. Always there when `socket` is not. */
  readonly ca?: string;
  /** Where the other master reaches it. */
  readonly peer: { readonly host: string; readonly port: number };
  /** The address that this server's own replication comes from, as the other master sees it. */
  readonly from: string;
  /** A program that takes a tar archive on its standard input, installs it and restarts the server. */
  readonly configure?: readonly string[];
  /** A program that copies one database as files on the master: bin/on-master/tandem-mariadb-files. */
  readonly files?: readonly string[];
  /** Folder on the master where that archive lies. */
  readonly directory: string;
}

/** A master's place in the pair. */
export interface Side {
  readonly id: string;
  readonly name: string;
  /** 1 or 2: offset of its numbers, its server id and its GTID domain. */
  readonly number: number;
  /** Names and addresses of the machine itself, which database users are bound to. */
  readonly hosts: readonly string[];
  readonly access: Access;
}

/** A database server that cannot be reached, or that refused the sign-in. Nothing was changed by the failed step. */
export class DatabaseAway extends AppError {
  readonly code = 'databases.away';
  readonly retry = 'later';
}

/** A statement or program that failed on a master's database server. */
export class DatabaseFailed extends AppError {
  readonly code = 'databases.failed';
  readonly retry = 'later';
}

/** What a person must do before it can go on, such as a restart. */
export class DatabaseWaits extends AppError {
  readonly code = 'databases.waits';
  readonly retry = 'later';
}

/** Schema of Tandem's own on both servers; no cPanel account can be called so, the name is reserved by its length. */
export const ownSchema = 'tandemsync';
