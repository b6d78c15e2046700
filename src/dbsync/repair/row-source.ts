/** How rows of one server are compared, whatever its engine. */
import type { Side } from '../model.ts';
import type { TableShape } from './columns.ts';

/** Key values as the engine writes them exactly, in the key's order. */
export type Key = readonly string[];

/** Rows after one key and up to another; undefined is the beginning or the end. */
export interface Chunk {
  readonly after: Key | undefined;
  readonly upTo: Key | undefined;
}

export interface RowSource {
  readonly side: Side;
  /** Tables of a database, sorted. */
  tables(database: string): Promise<readonly string[]>;
  shape(database: string, table: string): Promise<TableShape>;
  /** The last key of the next `size` rows; undefined: the rest is fewer. */
  boundary(shape: TableShape, after: Key | undefined, size: number): Promise<Key | undefined>;
  /** Rows of a chunk and one sum of all; equal rows give equal sums. */
  sum(shape: TableShape, chunk: Chunk): Promise<{ readonly rows: number; readonly sum: string }>;
  /** A sum for each row of a chunk, by the key as one text. */
  rowSums(shape: TableShape, chunk: Chunk): Promise<ReadonlyMap<string, string>>;
  keyFromText(text: string): Key;
}
