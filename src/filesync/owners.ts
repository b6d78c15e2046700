import { readFileSync, statSync } from 'node:fs';

/** Numbers of this machine and names that travel. */
export interface Owners {
  userName(uid: number): string;
  groupName(gid: number): string;
  /** The number here, or undefined for a name that this machine has not got, and for root, which no peer may give away. */
  uidOf(name: string): number | undefined;
  gidOf(name: string): number | undefined;
}

export interface OwnerOptions {
  readonly passwd?: string;
  readonly group?: string;
  /** Names that win over the files: name → number here. */
  readonly users: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, number>>;
  readonly now: () => number;
}

/** A row of files that arrive together asks once. */
const lookEveryMs = 20;

/** One of the two files, read again when it has changed. */
class Names {
  private readonly file: string;
  private readonly fixed: Readonly<Record<string, number>>;
  private readonly now: () => number;
  private stamp = '';
  private lookedAt = Number.NEGATIVE_INFINITY;
  private byNumber = new Map<number, string>();
  private byName = new Map<string, number>();

  constructor(file: string, fixed: Readonly<Record<string, number>>, now: () => number) {
    this.file = file;
    this.fixed = fixed;
    this.now = now;
  }

  private fresh(): void {
    const now = this.now();
    if (Math.abs(now - this.lookedAt) < lookEveryMs) return;
    this.lookedAt = now;
    const { mtimeMs, size, ino } = statSync(this.file);
    const stamp = `${mtimeMs} ${size} ${ino}`;
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const rows = readFileSync(this.file, 'latin1')
      .split('\n')
      .map((line) => line.split(':'))
      .filter(([name = '', , number = '']) => name !== '' && /^\d+$/.test(number))
      .map(([name = '', , number]): [string, number] => [name, Number(number)]);
    const all = [...rows, ...Object.entries(this.fixed)];
    this.byName = new Map(all);
    // The first name of a number is the one that counts; the table above all.
    this.byNumber = new Map(all.toReversed().map(([name, number]) => [number, name]));
    for (const [name, number] of Object.entries(this.fixed)) this.byNumber.set(number, name);
  }

  name(number: number): string {
    this.fresh();
    return this.byNumber.get(number) ?? `#${number}`;
  }

  number(name: string): number | undefined {
    this.fresh();
    const found = this.byName.get(name);
    return found === 0 ? undefined : found;
  }
}

/** Reads /etc/passwd and /etc/group when they change; a number without a name travels as '#number' and maps to nobody. */
export function openOwners({ passwd = '/etc/passwd', group = '/etc/group', users, groups, now }: OwnerOptions): Owners {
  const [userNames, groupNames] = [new Names(passwd, users, now), new Names(group, groups, now)];
  return {
    userName: (uid) => userNames.name(uid),
    groupName: (gid) => groupNames.name(gid),
    uidOf: (name) => userNames.number(name),
    gidOf: (name) => groupNames.number(name),
  };
}
