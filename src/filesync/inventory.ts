interface Seen {
  count: number;
  one: number;
  other: number;
  readonly directories: string[];
}

const empty: Seen = { count: 0, one: 0, other: 0, directories: [] };

/** Sums over names that are the same in whichever order they come: two of 32 bits. */
function added(to: Seen, path: string, from: number): void {
  let [one, other] = [0x811c9dc5, 0x9e3779b9];
  for (let at = from; at < path.length; at++) {
    const code = path.charCodeAt(at);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x85ebca6b);
    other ^= other >>> 13;
  }
  to.count += 1;
  to.one = (to.one + one) | 0;
  to.other = (to.other + other) | 0;
}

/**
 * What a scan has seen of each directory: as much as tells, when the directory is listed, whether anything in it is new,
 * and which directories it holds. A look into the database for every name would cost more than the listing. About 200
 * bytes for each directory.
 */
export class Inventory {
  private readonly directories = new Map<string, Seen>();
  private last = '';
  private seen: Seen | undefined;

  /** Something known is there; paths are relative to the tree. */
  add(path: string, isDirectory: boolean): void {
    const slash = path.lastIndexOf('/');
    const above = slash < 0 ? '' : path.slice(0, slash);
    if (this.seen === undefined || above !== this.last) {
      this.last = above;
      this.seen = this.directories.get(above) ?? { count: 0, one: 0, other: 0, directories: [] };
      this.directories.set(above, this.seen);
    }
    added(this.seen, path, slash + 1);
    if (isDirectory) this.seen.directories.push(path);
  }

  /** The directories in a directory with these names, or undefined when other names were seen there. */
  directoriesOf(directory: string, names: readonly string[]): readonly string[] | undefined {
    const seen = this.directories.get(directory) ?? empty;
    if (seen.count !== names.length) return undefined;
    const now: Seen = { count: 0, one: 0, other: 0, directories: [] };
    for (const name of names) added(now, name, 0);
    return now.one === seen.one && now.other === seen.other ? seen.directories : undefined;
  }
}
