/**
 * What a disk would hold after a power loss, told from the system calls of the processes that wrote to it: a byte counts
 * once a flush of its file began after the byte was written, and ended.
 */

/** A call in the order in which it began, and the place of its end in the same count. */
export interface Call {
  readonly name: string;
  readonly began: number;
  ended: number;
  /** The file that the descriptor stands for. */
  readonly file: string;
  readonly data: Buffer;
  readonly offset: number;
}

/** strace pads short process numbers. */
const line =
  /^(\d+) +(?:(\w+)\((\d+)<((?:[^>\\]|\\.)*)>(?:\(deleted\))?(?:, "((?:[^"\\]|\\.)*)"(?:, (\d+))?(?:, (\d+))?|, (\d+))?.*?(\) += +(-?\d+).*| <unfinished \.\.\.>)|<\.\.\. (\w+) resumed>.* = (-?\d+).*)$/;

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

function plain(text: string): string {
  return text.includes('\\x') ? bytesOf(text).toString('utf8') : text;
}

function callOf(found: RegExpExecArray, at: number, over: boolean): Call {
  const [, , name = '', , path = '', hex = '', , offset = '', length = ''] = found;
  return {
    name,
    began: at,
    ended: over ? at : Number.POSITIVE_INFINITY,
    file: plain(path),
    data: bytesOf(hex),
    offset: Number(name === 'ftruncate' ? length : offset),
  };
}

/** Reads the output of `strace -f -y -xx`; lines of other calls are left out. */
export function callsOf(trace: string): readonly Call[] {
  const calls: Call[] = [];
  const open = new Map<string, Call>();
  for (const [at, text] of trace.split('\n').entries()) {
    const found = line.exec(text);
    if (found === null) continue;
    const thread = found[1] ?? '';
    if (found[2] === undefined) {
      const call = open.get(thread);
      if (call !== undefined) call.ended = at;
      open.delete(thread);
      continue;
    }
    const over = !text.endsWith('<unfinished ...>');
    const call = callOf(found, at, over);
    calls.push(call);
    if (!over) open.set(thread, call);
  }
  return calls;
}

function isFlush({ name }: Call): boolean {
  return name === 'fdatasync' || name === 'fsync';
}

/** A call begins or ends. */
export interface Edge {
  readonly call: Call;
  readonly ends: boolean;
}

/** Beginnings and ends as they came, without the ends that never came. */
export function inOrder(calls: readonly Call[]): readonly Edge[] {
  const edges = calls.flatMap((call) => [
    { at: call.began, call, ends: false },
    { at: call.ended + 0.5, call, ends: true },
  ]);
  return edges.filter((edge) => Number.isFinite(edge.at)).sort((a, b) => a.at - b.at);
}

type Change = Pick<Call, 'name' | 'data' | 'offset' | 'ended'>;

function changed(image: Buffer, change: Change): Buffer {
  if (change.name === 'ftruncate') {
    if (change.offset <= image.length) return image.subarray(0, change.offset);
    return Buffer.concat([image, Buffer.alloc(change.offset - image.length)]);
  }
  const end = change.offset + change.data.length;
  const grown = end > image.length ? Buffer.concat([image, Buffer.alloc(end - image.length)]) : Buffer.from(image);
  change.data.copy(grown, change.offset);
  return grown;
}

/** One file: what is surely on the disk, and what was written since. */
export class DiskFile {
  #kept = Buffer.alloc(0);
  #loose: Change[] = [];

  /** What it holds from the start. */
  holds(image: Buffer): void {
    this.#kept = Buffer.from(image);
  }

  /** A call on this file; true when a flush of it ended. */
  follow({ call, ends }: Edge): boolean {
    if (!isFlush(call)) {
      if (!ends) this.#loose.push(call);
      return false;
    }
    if (ends) this.#flushed(call.began);
    return ends;
  }

  #flushed(began: number): void {
    const ripe = this.#loose.filter((change) => change.ended < began);
    this.#loose = this.#loose.filter((change) => change.ended >= began);
    for (const change of ripe) this.#kept = Buffer.from(changed(this.#kept, change));
  }

  /** The file after a power loss; `alsoKept` says which of the loose writes the disk happened to make. */
  after(alsoKept: () => boolean): Buffer {
    return this.#loose.filter(alsoKept).reduce(changed, this.#kept);
  }
}
