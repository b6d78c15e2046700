import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../errors.ts';
import { textOf } from '../../whm/outcome.ts';
import { noUser, uapiResult } from './containers.ts';
import type { PassthroughDeps } from './deps.ts';
import { accessDenied, envelope } from './envelope.ts';
import type { Target } from './request.ts';
import { xmlBody } from './xml.ts';

/** Compact JSON, keys in their order, as the master wrote it where nothing was changed; or XML where the path asked for it; never HTML (FOSSBilling issue 2388). */
export function send(response: ServerResponse, status: number, body: unknown, xmlAs?: string): void {
  if (response.headersSent) return;
  const text = xmlAs === undefined ? (textOf(body) ?? JSON.stringify(body)) : xmlBody(xmlAs, body);
  response.writeHead(status, {
    'Content-Type': xmlAs === undefined ? 'application/json' : 'text/xml; charset="utf-8"',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Under what name a target's answer stands in XML; undefined: JSON. */
export function xmlName(target: Target | undefined): string | undefined {
  return target?.format === 'xml' ? target.fn : undefined;
}

/** The recorded answer to wrong credentials; the connection ends with it, as cpsrvd does it. */
export function deny(response: ServerResponse, target: Target): void {
  if (response.headersSent) return;
  response.writeHead(403, 'Forbidden Access denied', {
    Connection: 'close',
    'Content-Type': 'text/plain; charset="utf-8"',
  });
  response.end(target.format === 'xml' ? xmlBody(target.fn, JSON.parse(accessDenied)) : accessDenied);
}

/** Whether a query or a body that was not understood asked for WHM API 1 nevertheless. */
export function asksForVersion1(text: string): boolean {
  return /(?:^|[&"])api\.version"?\s*[=:]\s*"?[12](?![\w.])/.test(text);
}

/** A failure in the shape of what was asked for, before it could be run. */
export function failure(target: Target, versioned: boolean, reason: string): unknown {
  if (target.door === 'execute') return uapiResult({ ok: false, reason });
  if (target.door === 'cpanel') return noUser(reason);
  return envelope(versioned ? 1 : 0, target.fn, { ok: false, reason });
}

/** Answers what was thrown: expected failures with their sentence, others with a number that the log has too. */
export function answerError(deps: PassthroughDeps, error: unknown, id: string) {
  return (
    request: IncomingMessage,
    response: ServerResponse,
    target: Target | undefined,
    sentence: (e: AppError) => string,
  ): void => {
    const known = target ?? { door: 'function', fn: '', format: 'json', query: '' };
    const versioned = asksForVersion1(known.query);
    if (error instanceof AppError) {
      send(response, 200, failure(known, versioned, sentence(error)), xmlName(known));
      return;
    }
    if (request.destroyed && !response.writable) return;
    deps.log.error({ err: error, fn: known.fn, id }, 'passthrough request failed');
    const reason = `The control node could not process the request (${id}).`;
    send(response, 500, failure(known, versioned, reason), xmlName(known));
  };
}
