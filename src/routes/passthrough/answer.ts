/** What became of one function, before it is put into the caller's envelope. */
export type CallAnswer =
  | {
      readonly ok: true;
      readonly data: unknown;
      readonly reason: string;
      /** A master's own WHM API 1 body, relayed as it is to callers of version 1. */
      readonly body?: unknown;
    }
  | { readonly ok: false; readonly reason: string; readonly body?: unknown; readonly unknown?: true };

export type Version = 0 | 1;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** cPanel's sentence when rights are missing; billing plug-ins search for "You do not have the required privileges to run". */
export function notPermitted(fn: string): CallAnswer {
  return { ok: false, reason: `Permission denied: You do not have the required privileges to run “${fn}”.` };
}

/** A function that WHM does not have, or that is not served here: never guessed. */
export function unknownFunction(fn: string, version: string): CallAnswer {
  return {
    ok: false,
    unknown: true,
    reason: `Unknown app (“${fn}”) requested for this version (${version}) of the API.`,
  };
}
