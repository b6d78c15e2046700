/**
 * What tells two texts apart on the server: the weights of a collation, so that 'Bob' and 'bob' may be one key. Asked for
 * many at a time, since the server may be far.
 */
import type { Session } from '../mariadb/connect.ts';
import type { LoggedColumn, NamedValue } from './images.ts';

const atOnce = 200;

interface Wanted {
  readonly column: LoggedColumn;
  readonly bytes: Buffer;
}

function nameOf({ charset, collation }: LoggedColumn, bytes: Buffer): string {
  return `${charset} ${collation} ${bytes.toString('hex')}`;
}

function weighed({ column: { charset, collation } }: Wanted): string {
  const pads = collation?.includes('nopad') !== true && collation !== 'binary';
  // Both names come from the server's own catalogue.
  const value = `CONVERT(UNHEX(?) USING ${charset})`;
  return `HEX(WEIGHT_STRING(${pads ? `RTRIM(${value})` : value} COLLATE ${collation}))`;
}

export class Weights {
  private readonly known = new Map<string, string>();
  private readonly wanted = new Map<string, Wanted>();

  /** Notes a value that `of` will be asked about. */
  want(column: LoggedColumn | undefined, value: NamedValue | undefined): void {
    if (column === undefined || value?.bytes === undefined || column.collation === null) return;
    const name = nameOf(column, value.bytes);
    if (!this.known.has(name)) this.wanted.set(name, { column, bytes: value.bytes });
  }

  /** Asks for all that is wanted. */
  async load(session: Session): Promise<void> {
    const all = [...this.wanted];
    this.wanted.clear();
    for (let at = 0; at < all.length; at += atOnce) {
      const some = all.slice(at, at + atOnce);
      const [row] = await session.rows(
        `SELECT ${some.map(([, one], n) => `${weighed(one)} AS w${n}`).join(', ')}`,
        some.map(([, one]) => one.bytes.toString('hex')),
      );
      for (const [n, [name]] of some.entries()) this.known.set(name, row?.[`w${n}`] ?? '');
    }
  }

  /** What stands for the value: equal values of a column have equal ones. */
  of(column: LoggedColumn, value: NamedValue): string {
    if (value.bytes === undefined) return value.text;
    return this.known.get(nameOf(column, value.bytes)) ?? value.bytes.toString('hex');
  }
}
