import type { WhmCall } from '../whm/call.ts';
import type { Outcome } from '../whm/outcome.ts';
import { hidden, redactBody, redactCall, redactText } from '../whm/redact.ts';
import type { Ask, Exchange, Json, Reply } from './model.ts';
import { signatureOf } from './shape.ts';

/** Of lists, so many entries of different shapes are kept: a full server's list of accounts is megabytes. */
const mostEntries = 12;
const mostText = 300;
const plain: WhmCall = { api: 'whm', fn: '', args: [] };

function parsed(text: string): Json | undefined {
  try {
    // JSON.parse gives nothing but JSON.
    return JSON.parse(text) as Json;
  } catch {
    // Pages and texts are compared by their type and status alone.
    return undefined;
  }
}

/** One entry of each shape; the others say nothing new about shape, and are somebody's data. */
export function thinned(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, thinned(one)]));
  }
  const bySignature = new Map<string, Json>();
  for (const one of value) {
    const small = thinned(one);
    const signature = signatureOf(small);
    if (!bySignature.has(signature)) bySignature.set(signature, small);
  }
  return [...bySignature.values()].slice(0, mostEntries);
}

/** A request and its answer without secrets, small enough to keep. */
export function exchangeOf(ask: Ask, reply: Reply, outcome: Outcome | undefined, secrets: readonly string[]): Exchange {
  const call = ask.reads ?? plain;
  const form = redactCall({ ...call, args: ask.form }).args;
  const json = parsed(reply.text);
  const body = json === undefined ? redactText(reply.text.slice(0, mostText), secrets) : thinned(json);
  return {
    fn: ask.reads?.fn ?? ask.path.replace(/cpsess\d+/u, 'cpsess'),
    request: {
      port: ask.port,
      sign: ask.sign.kind,
      path: redactText(ask.path),
      form: form.map(([name, value]) => [name, value === hidden ? hidden : redactText(value, secrets)]),
    },
    status: reply.status,
    contentType: reply.contentType,
    outcome: outcome?.kind ?? 'unread',
    // A redacted copy of JSON is JSON.
    body: redactBody(call, body, secrets) as Json,
  };
}
