/**
 * What the two agents know about a path, and the words for it. Paths are byte strings: each character of a string is one
 * byte (latin1), so that names in any encoding pass unchanged. A *key* is 'tree/relative/path'.
 */

/** Which of the two masters an agent is. Side 1 settles what both changed at once. */
export type Side = 1 | 2;

/**
 * The last change that a state knows of from side 1 and from side 2. Numbers come from each side's own counter, which
 * only grows, also over deletions and a lost database.
 */
export type Version = readonly [number, number];

interface Owned {
  readonly mode: number;
  /** Names, not numbers: the numbers differ between the masters. */
  readonly user: string;
  readonly group: string;
  /** Extended attributes and access lists in canonical text; '' when there are none. */
  readonly attributes: string;
}

export interface FileState extends Owned {
  readonly kind: 'file';
  readonly size: number;
  /** Nanoseconds since 1970, decimal. */
  readonly mtime: string;
  /** First 32 hexadecimal digits of SHA-256 over the content. */
  readonly digest: string;
  /** Of a Maildir message: 'new', or 'cur' with its info, as in 'cur:2,S'. Where it lies is part of its state. */
  readonly place?: string;
}

export interface DirectoryState extends Owned {
  readonly kind: 'directory';
}

export interface LinkState {
  readonly kind: 'link';
  readonly target: string;
  readonly user: string;
  readonly group: string;
  readonly mtime: string;
}

export interface Absent {
  readonly kind: 'absent';
}

export type State = FileState | DirectoryState | LinkState | Absent;

export const absent: Absent = { kind: 'absent' };

/** How a file looked on this side's disk when its state was read or written. Equal: it is still that state. */
export interface Fingerprint {
  readonly ino: number;
  readonly size: number;
  readonly mtime: string;
  readonly ctime: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /**
   * Read so soon after its last change that a further one might not show in the times; 'attributes': what might not show
   * is a change of attributes, as in what this side has just put in place with a time that lies longer back.
   */
  readonly racy?: true | 'attributes';
}

/** What one side remembers of a path. */
export interface Known {
  readonly version: Version;
  readonly state: State;
  /** The last state that both sides had; left out while it is `state` itself. */
  readonly agreed?: State;
  readonly print?: Fingerprint;
  /** The other side may not have this version yet. */
  readonly pending?: true;
  /** The pending version settles a conflict: the other side keeps what it replaces. */
  readonly conflict?: true;
}

/** A path nobody has spoken of. */
export const unknown: Known = { version: [0, 0], state: absent };

/** What the other side says about a path. */
export interface Offer {
  readonly key: string;
  readonly version: Version;
  readonly state: State;
  /** It settles a conflict. */
  readonly conflict: boolean;
}
