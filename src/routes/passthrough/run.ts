import type { Actor } from '../../auth/actor.ts';
import { AppError, Invalid, NotAllowed, Refused } from '../../errors.ts';
import { type CallAnswer, notPermitted, unknownFunction } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import { judge, type Verdict, type Wanted } from './judge.ts';
import { session } from './link.ts';
import type { HeldFile } from './multipart.ts';
import { answeredHere } from './own.ts';
import { read } from './read.ts';
import type { Side } from './request.ts';
import { isBarred, mayRun } from './rights.ts';
import { upload } from './upload.ts';
import { withoutName, write, writeOne, writeZone } from './write.ts';

/** Who asks, and what ends their patience. */
export interface Caller {
  readonly actor: Actor;
  readonly side: Side;
  /** The WHM function that a cPanel call came in: its privilege counts. */
  readonly via?: 'cpanel' | 'uapi_cpanel';
  /** The host name by which the caller reached us, for links. */
  readonly host: () => string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** What came with the call; removed after it. */
  readonly files?: readonly HeldFile[] | undefined;
  /** Aborted when the caller hangs up; the work goes on. Made only for those who ask: reads never do. */
  readonly signal: () => AbortSignal;
}

function dispatch(
  deps: PassthroughDeps,
  wanted: Wanted,
  verdict: Verdict,
  caller: Caller,
): CallAnswer | Promise<CallAnswer> {
  const { actor } = caller;
  switch (verdict.kind) {
    case 'unknown':
      return unknownFunction(wanted.fn, '1');
    case 'refused':
      return { ok: false, reason: verdict.reason };
    case 'own':
      return mayRun(caller, wanted) ? answeredHere(deps, actor, verdict.fn, wanted.args) : notPermitted(wanted.fn);
    case 'session':
      return mayRun(caller, wanted) ? session(deps, caller, verdict) : notPermitted(wanted.fn);
    case 'read':
    case 'merge':
    case 'named':
    case 'zone-read':
      return read(deps, caller, wanted, verdict);
    case 'write':
      return write(deps, caller, wanted, verdict);
    case 'one':
      return writeOne(deps, caller, wanted, verdict);
    case 'upload':
      return upload(deps, caller, wanted);
    case 'zone-write':
      return writeZone(deps, caller, verdict);
  }
}

/** What a reseller may do is looked at anew after these. */
const changesResellers: ReadonlySet<string> = new Set([
  'saveacllist',
  'setacls',
  'setupreseller',
  'unsetupreseller',
  'removeacct',
  'createacct',
]);

/** The sentence of an expected failure, fields included; clients show nothing else. */
export function sentenceOf(error: AppError): string {
  if (!(error instanceof Invalid) || error.issues.length === 0) return error.message;
  return error.issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

/**
 * Runs one function for one caller: judge, allow, act, answer. Expected failures (bad parameters, refused, blocked,
 * no master to be reached) come back as answers with a reason; anything else is logged and answered without detail.
 */
export async function run(deps: PassthroughDeps, wanted: Wanted, caller: Caller): Promise<CallAnswer> {
  try {
    const verdict = judge(deps.tables, wanted);
    if (verdict.kind !== 'unknown' && isBarred(caller, wanted)) return notPermitted(wanted.fn);
    const answer = await dispatch(deps, wanted, verdict, caller);
    if (changesResellers.has(wanted.fn)) deps.privileges?.forget();
    return answer;
  } catch (error) {
    if (error instanceof NotAllowed) return notPermitted(wanted.fn);
    if (error instanceof Refused) return { ok: false, reason: await withoutName(deps, error.message) };
    if (error instanceof AppError) return { ok: false, reason: sentenceOf(error) };
    deps.log.error({ fn: wanted.fn, actor: caller.actor.name, err: error }, 'passthrough call failed');
    return { ok: false, reason: 'The control node could not process the call; its log has the details.' };
  }
}
