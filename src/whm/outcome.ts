import type { Readable } from 'node:stream';

/** WHM's good answer, unwrapped from whichever envelope it came in. */
export interface Done {
  readonly kind: 'done';
  /** What stood under `data` (WHM API 1, UAPI) or `cpanelresult.data` (API 2). undefined when absent. */
  readonly data: unknown;
  /** WHM's sentence; filled on success too, never to be tested. */
  readonly reason: string;
  readonly warnings: readonly string[];
  /** The whole parsed body, for callers that relay it. May hold secrets (`output.raw`). */
  readonly body: unknown;
}

/** What became of one call. The table in docs/ARCHITECTURE.md says what follows from each. */
export type Outcome =
  | Done
  /** WHM said no about the parameters or the state. */
  | { readonly kind: 'refused'; readonly reason: string; readonly body: unknown }
  /** 401, 403, "Access denied": never retried, the master is parked. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** Locked, disk full, licence, read-only: worth a retry. */
  | { readonly kind: 'busy'; readonly reason: string }
  /** Proved that not one byte of the request was read: refused connection, TLS failure, our own breaker. */
  | { readonly kind: 'not-sent'; readonly reason: string }
  /** Anything else: the effect may exist, or come later. */
  | {
      readonly kind: 'in-doubt';
      readonly reason: string /** Of a batch of which only a part worked. */;
      readonly body?: unknown;
    };

/** The part of an outcome that pure code looks at when it reads a master. */
export type Answer = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly reason: string };

/**
 * What was last answered to one call, by whichever master; empty at first. It only saves reading the same again: a call
 * that is made with it is made, and its answer is what the master wrote.
 */
export interface Heard {
  last?: { readonly status: number; readonly bytes: Buffer; readonly outcome: Outcome };
}

const texts = new WeakMap<object, string>();

/** Notes how a body was written. For the one who parsed it. */
export function rememberText(body: object, text: string): void {
  texts.set(body, text);
}

/**
 * A body exactly as the master wrote it; undefined: it was put together here. Whoever changes a body makes a new one, so
 * a text never stands for something else than its body.
 */
export function textOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null ? texts.get(body) : undefined;
}

/** A file that is sent into a home. */
export interface Upload {
  /** Below the home; '' is the home itself. */
  readonly folder: string;
  readonly name: string;
  readonly overwrite: boolean;
  /** Octal, such as '0644'; left out: cPanel's own. */
  readonly permissions?: string;
  /** A file on this machine, and how many bytes of it are sent. */
  readonly path: string;
  readonly bytes: number;
}

/** What became of it. 'away': nothing was sent. 'unsure': it may have arrived. */
export type Uploaded =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused' | 'away' | 'unsure'; readonly reason: string };

/** A file that is fetched from a home. */
export type Download =
  | { readonly kind: 'file'; readonly stream: Readable; readonly bytes: number | undefined; close(): void }
  | { readonly kind: 'refused' | 'away'; readonly reason: string };

/** Whole files in and out of the homes on one master. */
export interface HomeFiles {
  upload(user: string, upload: Upload, signal: AbortSignal): Promise<Uploaded>;
  /** The caller reads the stream to its end or calls `close`. `path` is below the home. */
  download(user: string, path: string): Promise<Download>;
}
