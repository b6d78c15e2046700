import type { z } from 'zod';
import type { SshPlace } from '../../config-watch.ts';
import type { Result } from './model.ts';

/** What one run of a check found. */
export interface Finding {
  readonly result: Result;
  /** One line for people: data from the other side in it is cut and has no control characters. */
  readonly text: string;
}

/** What a run may use. */
export interface CheckAround {
  /** Aborts when its time is over or the watcher stops. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The master's own shell, where its place has one. */
  readonly ssh?: SshPlace | undefined;
}

/**
 * A kind of check: one small file each. `run` may reject: what it throws is judged by `run-check.ts`, so that a kind only
 * says what it can read in an answer.
 */
export interface CheckKind<Params = unknown> {
  /** As the configuration names it; never renamed. */
  readonly kind: string;
  readonly params: z.ZodType<Params>;
  /** A line of configuration that would be right. */
  readonly example: string;
  /** The TCP port that it looks at; undefined when it looks at none. */
  port(params: Params): number | undefined;
  /** `host` is the address to dial. */
  run(host: string, params: Params, around: CheckAround): Promise<Finding>;
}

export type Runner = (host: string, around: CheckAround) => Promise<Finding>;

/** A kind with its parameters parsed: ready to run against any host. */
export interface Bound {
  readonly run: Runner;
  readonly port: number | undefined;
}

/** A kind whatever its parameters are. */
export interface AnyKind {
  readonly kind: string;
  readonly example: string;
  /** Throws the schema's error for parameters that are wrong. */
  bind(raw: unknown): Bound;
}

/** Closes over the parameters' type, so that kinds of different ones stand in one list. */
export function anyKind<Params>(one: CheckKind<Params>): AnyKind {
  return {
    kind: one.kind,
    example: one.example,
    bind(raw) {
      const params = one.params.parse(raw);
      return { port: one.port(params), run: (host, around) => one.run(host, params, around) };
    },
  };
}

/** The other side's text in one safe line. */
export function oneLine(text: string, most = 120): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
}

export function ok(text: string): Finding {
  return { result: 'ok', text };
}

export function critical(text: string): Finding {
  return { result: 'critical', text };
}

export function warning(text: string): Finding {
  return { result: 'warning', text };
}
