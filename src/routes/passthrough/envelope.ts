import { type CallAnswer, isRecord, type Version } from './answer.ts';
import { legacy } from './legacy.ts';

/** WHM API 1: `{data?, metadata}`, HTTP 200 for yes and no alike. */
function modern(fn: string, answer: CallAnswer): unknown {
  if (isRecord(answer.body) && 'metadata' in answer.body) return answer.body;
  const metadata = { version: 1, command: fn, result: answer.ok ? 1 : 0, reason: answer.reason };
  return answer.ok && answer.data !== undefined && answer.data !== null
    ? { data: answer.data, metadata }
    : { metadata };
}

/** The answer in the shape that the caller asked for. */
export function envelope(version: Version, fn: string, answer: CallAnswer): unknown {
  return version === 1 ? modern(fn, answer) : legacy(fn, answer);
}

/**
 * What cPanel says to wrong tokens, passwords and sessions on API paths: HTTP 403, text/plain, and this body to the
 * letter (recorded from real servers, github.com/envato-archive/lumberg/issues/12).
 */
export const accessDenied =
  '{"cpanelresult":{"apiversion":"2","error":"Access denied","data":{"reason":"Access denied","result":"0"},"type":"text"}}';
