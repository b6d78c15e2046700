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
