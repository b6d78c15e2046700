import { batchOutcomes, readUapi, readWhm } from './answer.ts';
import { type WhmCall, whm } from './call.ts';
import type { Answer, Outcome } from './outcome.ts';
import { isFields } from './shapes.ts';
import { encode } from './wire.ts';

/**
 * Several reads in one request (WHM's `batch`): each command carries its own answer, and the outer result says nothing
 * of them. API 2 answers outside WHM's envelope, so it cannot stand in a batch.
 */
export function batchOf(calls: readonly WhmCall[]): WhmCall {
  // One command that always works: a batch of which every command was refused reads as one refusal, without answers.
  return whm('batch', { command: ['version', ...calls.map(commandOf)] });
}

/** 'uapi_cpanel?cpanel.user=bob&…', as batch takes it. Throws RangeError for API 2 and JSON calls: a programming error. */
function commandOf(call: WhmCall): string {
  if (call.api === 'api2' || call.json !== undefined) throw new RangeError(`${call.fn} cannot stand in a batch`);
  const { path, body } = encode(call);
  const args = body.replace(/^api\.version=1&?/, '');
  const fn = path.replace(/^\/json-api\//, '');
  return args === '' ? fn : `${fn}?${args}`;
}

/** The answer to one command: what was read, WHM's refusal, or nothing that proves anything. */
export type BatchAnswer = Answer | { readonly ok: undefined; readonly reason: string };

/**
 * The answers to the commands of a batch, in order. A string: the master could not be asked or answered with something
 * else, and the reason why.
 */
export function batchAnswers(calls: readonly WhmCall[], outcome: Outcome): readonly BatchAnswer[] | string {
  const body = 'body' in outcome ? outcome.body : undefined;
  const results = batchResults(body);
  if (results === undefined) return outcome.kind === 'done' ? 'the batch holds no results' : outcome.reason;
  const answered = results.length - 1;
  if (answered !== calls.length) return `the batch answered ${answered} of ${calls.length} commands`;
  return calls.map((call, at) => answerOf(call, results[at + 1]));
}

function batchResults(body: unknown): readonly unknown[] | undefined {
  if (batchOutcomes(body) === undefined || !isFields(body)) return undefined;
  const data = body['data'];
  const list = isFields(data) ? data['result'] : undefined;
  return Array.isArray(list) ? list : undefined;
}

function answerOf(call: WhmCall, one: unknown): BatchAnswer {
  if (!isFields(one)) return { ok: undefined, reason: 'a command has no answer' };
  const outcome = call.api === 'uapi' ? readUapi(one) : readWhm(one);
  if (outcome.kind === 'done') return { ok: true, data: outcome.data };
  // A busy or doubtful read proves nothing: only a clear no is an answer.
  if (outcome.kind === 'refused') return { ok: false, reason: outcome.reason };
  return { ok: undefined, reason: outcome.reason };
}
