import type { Outcome } from './outcome.ts';
import { doubt, refusal } from './reasons.ts';
import { type Fields, field, isFields, isOne, isZero } from './shapes.ts';

/**
 * cPanel API 2 has a style of failure per family of functions: `data[0].result` 0 with `reason`, `status` 0 with
 * `statusmsg` or `statustxt`, one level deeper in ZoneEdit, `err` per file in fileop, and `error` beside all of them,
 * while `event.result` stays 1. `data` is an object, not a list, when the call as a whole was not allowed.
 */
export function readApi2(body: Fields): Outcome {
  const result = unwrapped(body);
  if (result === undefined) return doubt('the answer holds no API 2 result');
  const { data, event } = result;
  const error =
    textOf(result['error']) || (event === undefined || isOne(field(event, 'result')) ? '' : eventReason(event));
  if (isFields(data)) return readWhole(data, error, body);
  const rows: readonly unknown[] = Array.isArray(data) ? data : [];
  if (event === undefined && !Array.isArray(data) && error === '') return doubt('the answer holds no API 2 data');
  const failures = rows.flatMap((row) => failureOf(row, error));
  return (
    judge(rows.length, failures, error, body) ?? { kind: 'done', data, reason: reasonOf(rows[0]), warnings: [], body }
  );
}

/** undefined: nothing failed. "Success" beside an error was seen when a file could not be written. */
function judge(rows: number, failures: readonly string[], error: string, body: Fields): Outcome | undefined {
  if (failures.length === 0 && error === '') return undefined;
  const reason = error || failures[0];
  return failures.length === rows
    ? refusal(reason, body)
    : doubt(`part of it failed: ${reason || 'no reason was given'}`);
}

function eventReason(event: unknown): string {
  return textOf(field(event, 'reason')) || 'the call did not run';
}

/** Bare, or inside WHM API 1's envelope. */
function unwrapped(body: Fields): Fields | undefined {
  const result = body['cpanelresult'] ?? field(body['data'], 'cpanelresult');
  if (isFields(result)) return result;
  // A refusal before the cPanel function was reached: WHM's own shapes.
  const reason = field(body['metadata'], 'reason') ?? body['error'];
  const failed = isZero(field(body['metadata'], 'result')) || isZero(field(body['data'], 'result'));
  return failed || (typeof reason === 'string' && body['metadata'] === undefined)
    ? { error: reason, data: [] }
    : undefined;
}

function readWhole(data: Fields, error: string, body: Fields): Outcome {
  if (error !== '' || isZero(data['result'])) return refusal(error || data['reason'], body);
  return { kind: 'done', data, reason: textOf(data['reason']), warnings: [], body };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** ZoneEdit writes answer one level deeper: data[0].result{status,statusmsg}. */
function inner(row: unknown): Fields {
  const deeper = field(row, 'result');
  if (isFields(deeper)) return deeper;
  return isFields(row) ? row : {};
}

function reasonOf(row: unknown): string {
  const fields = inner(row);
  for (const name of ['reason', 'statusmsg', 'statustxt', 'err', 'output', 'result']) {
    const text = textOf(fields[name]);
    if (text !== '' && text !== '0' && text !== '1') return text;
  }
  return '';
}

/** The reason of a row that says no, else nothing. A listed thing may have a `status` of its own without a reason. */
function failureOf(row: unknown, error: string): readonly string[] {
  const fields = inner(row);
  if (!isZero(fields['result']) && !isZero(fields['status'])) return [];
  const reason = reasonOf(row) || error;
  return reason === '' && !('reason' in fields || 'statusmsg' in fields) ? [] : [reason];
}
