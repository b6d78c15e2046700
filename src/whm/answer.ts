import { readApi2 } from './answer-api2.ts';
import type { WhmCall } from './call.ts';
import { type Done, type Heard, type Outcome, rememberText } from './outcome.ts';
import { doubt, kindOfPage, refusal } from './reasons.ts';
import { type Fields, field, isFields, isOne, isZero, listOfTexts } from './shapes.ts';

/** Reads an answer, but takes what was read before where the same was written to the letter, by whichever master. */
export function readUnheard(call: WhmCall, status: number, bytes: Buffer, heard: Heard): Outcome {
  const { last } = heard;
  if (last !== undefined && last.status === status && last.bytes.equals(bytes)) return last.outcome;
  const outcome = readAnswer(call, status, bytes.toString('utf8'));
  heard.last = { status, bytes, outcome };
  return outcome;
}

/**
 * The one place that reads an answer. WHM says yes and no with HTTP 200, so the status line decides little: 401 and 403
 * prove that nothing was done, everything else that is no JSON of a known shape proves nothing.
 */
export function readAnswer(call: WhmCall, status: number, text: string): Outcome {
  if (status === 401 || status === 403) return { kind: 'denied', reason: deniedReason(status, text) };
  if (status !== 200) return doubt(`the answer was HTTP ${status}`);
  if (/^\s*</.test(text)) {
    return kindOfPage(text) === 'denied'
      ? { kind: 'denied', reason: 'the answer was a sign-in page' }
      : doubt('the answer was a page, not JSON');
  }
  const body = parsed(text);
  if (!isFields(body)) return doubt(text === '' ? 'the answer was empty' : 'the answer was no JSON object');
  if (call.api === 'api2') return readApi2(body);
  if (call.api === 'uapi') return readUapi(body);
  rememberText(body, text);
  return call.fn === 'batch' ? readBatch(body) : readWhm(body);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON at all: the caller says so.
    return undefined;
  }
}

function deniedReason(status: number, text: string): string {
  const body = parsed(text);
  const inner = isFields(body) ? field(body, 'cpanelresult') : undefined;
  const error = isFields(inner) ? inner['error'] : undefined;
  return typeof error === 'string' && error !== '' ? error : `HTTP ${status}`;
}

function done(body: unknown, data: unknown, reason: unknown, warnings: unknown): Done {
  return {
    kind: 'done',
    data: data ?? undefined,
    reason: typeof reason === 'string' ? reason.trim() : '',
    warnings: listOfTexts(warnings),
    body,
  };
}

/** WHM API 1, or what some functions answer in its place (readLegacy). */
export function readWhm(body: Fields): Outcome {
  const metadata = body['metadata'];
  if (!isFields(metadata)) return readLegacy(body);
  const { reason, result } = metadata;
  if (isZero(result)) return refusal(reason, body);
  if (!isOne(result)) return doubt('the answer has no result');
  const output = metadata['output'];
  return done(body, body['data'], reason, isFields(output) ? output['warnings'] : undefined);
}

/**
 * WHM API 0 and API 2 shapes. WHM sends them for failures as a whole, and one 11.134 server was seen to answer
 * `version` so although api.version=1 was sent.
 */
function readLegacy(body: Fields): Outcome {
  const cpanelresult = body['cpanelresult'];
  if (isFields(cpanelresult)) {
    const data = cpanelresult['data'];
    if (!isFields(data)) return readApi2(body);
    if (typeof cpanelresult['error'] === 'string' || isZero(data['result'])) {
      return refusal(cpanelresult['error'] ?? data['reason'], body);
    }
    return done(body, data, data['reason'], undefined);
  }
  if (typeof body['error'] === 'string' && body['error'] !== '') return refusal(body['error'], body);
  const first = [body, firstOf(body['result']), firstOf(body['passwd'])].find((o) => isFields(o) && 'status' in o);
  if (!isFields(first)) return doubt('the answer has an unknown shape');
  if (isZero(first['status'])) return refusal(first['statusmsg'], body);
  return isOne(first['status']) ? done(body, body, first['statusmsg'], undefined) : doubt('the answer has no status');
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

/** UAPI inside `uapi_cpanel`: the outer result stays 1 when the inner status is 0. Flat and API 3 shapes count too. */
export function readUapi(body: Fields): Outcome {
  if ('metadata' in body && !('status' in body)) {
    const outer = readWhm(body);
    if (outer.kind !== 'done') return outer;
    const inner = isFields(outer.data) ? outer.data['uapi'] : undefined;
    return isFields(inner) ? readUapiResult(inner, body) : doubt('the answer holds no UAPI result');
  }
  const wrapped = body['result'];
  if (isFields(wrapped)) return readUapiResult(wrapped, body);
  return 'errors' in body ? readUapiResult(body, body) : readLegacy(body);
}

function readUapiResult(result: Fields, body: unknown): Outcome {
  const status = result['status'];
  const messages = listOfTexts(result['messages']).join(' ');
  if (isOne(status)) return done(body, result['data'], messages, result['warnings']);
  if (!isZero(status)) return doubt('the UAPI result has no status');
  return refusal(listOfTexts(result['errors']).join(' ') || messages, body);
}

/**
 * The results of the commands inside a `batch`, in order; undefined when the answer holds none. The outer result does
 * not tell whether they worked.
 */
export function batchOutcomes(body: unknown): readonly Outcome[] | undefined {
  const data = isFields(body) ? body['data'] : undefined;
  const results = isFields(data) ? data['result'] : undefined;
  if (!Array.isArray(results)) return undefined;
  return results.map((one: unknown) => (isFields(one) ? readWhm(one) : doubt('a command has no answer')));
}

/** Done only if every command was, refused only if none was: in between, part of the effect is there. */
function readBatch(body: Fields): Outcome {
  const outer = readWhm(body);
  if (outer.kind !== 'done') return outer;
  const inner = batchOutcomes(body);
  if (inner === undefined) return doubt('the batch holds no results');
  const failed = inner.find((outcome) => outcome.kind !== 'done');
  if (failed === undefined) return outer;
  const good = inner.filter((outcome) => outcome.kind === 'done').length;
  if (good === 0) return failed;
  const reason = `${good} of ${inner.length} commands worked, then: ${failed.reason}`;
  return { kind: 'in-doubt', reason, body };
}
