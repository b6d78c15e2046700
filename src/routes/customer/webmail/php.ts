/** A request as Roundcube gets it, and its answer as browsers get it. */
import type { Request, Response } from 'express';
import type { CgiAnswer } from '../../../webmail/fastcgi.ts';
import type { WebmailDoor } from '../deps.ts';
import { languageOf } from '../language.ts';
import { boxPath, roundcubeCookies } from './pass.ts';

/** A message of 25 MB with its attachments, and the form around it; octets. */
export const mostBody = 30 * 1024 * 1024;

const passed = ['accept', 'accept-language', 'referer', 'user-agent', 'x-requested-with', 'x-roundcube-request'];
const languages = { en: 'en_US', de: 'de_DE' } as const;

/** CGI's variables (RFC 3875) and Tandem's own. Of what the browser sent only named headers get through. */
export function paramsOf(
  request: Request,
  door: WebmailDoor,
  box: { readonly mailbox: string; readonly token: string; readonly back: string },
): Readonly<Record<string, string>> {
  const path = boxPath(box.mailbox);
  const headers = passed.flatMap((name) => {
    const value = request.get(name);
    return value === undefined ? [] : [[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value] as const];
  });
  const query = request.originalUrl.split('?').slice(1).join('?');
  return {
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_SOFTWARE: 'Tandem',
    REQUEST_METHOD: request.method,
    REQUEST_SCHEME: 'https',
    HTTPS: 'on',
    SERVER_NAME: request.hostname,
    SERVER_PORT: String(door.port),
    HTTP_HOST: request.get('host') ?? '',
    REMOTE_ADDR: request.ip ?? '',
    SCRIPT_FILENAME: door.entry,
    SCRIPT_NAME: `${path}index.php`,
    REQUEST_URI: request.originalUrl,
    QUERY_STRING: query,
    HTTP_COOKIE: roundcubeCookies(request),
    ...Object.fromEntries(headers),
    ...(request.method === 'POST'
      ? { CONTENT_TYPE: request.get('content-type') ?? '', CONTENT_LENGTH: request.get('content-length') ?? '0' }
      : {}),
    TANDEM_MAILBOX: box.mailbox,
    TANDEM_TOKEN: box.token,
    TANDEM_BACK: box.back,
    TANDEM_PATH: path,
    TANDEM_IMAP: String(door.imapPort),
    TANDEM_SMTP: String(door.smtpPort),
    TANDEM_LANGUAGE: languages[languageOf(request)],
  };
}

/**
 * Roundcube writes scripts and styles into its pages and runs what its server sends, so its policy is wider than
 * Tandem's own; it is alone on its origin. Pictures from elsewhere load only where the reader asks for them.
 */
export const roundcubePolicy = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob: https:",
  "font-src 'self' data:",
  "media-src 'self'",
  "connect-src 'self'",
  "frame-src 'self' blob:",
  "form-action 'self'",
  "base-uri 'self'",
  "frame-ancestors 'self'",
].join('; ');

const kept = new Set([
  'content-type',
  'content-disposition',
  'content-length',
  'cache-control',
  'expires',
  'last-modified',
  'location',
  'pragma',
  'x-frame-options',
]);

/** Status and headers of Roundcube's answer, as far as browsers are to have them. */
export function sendHeaders(response: Response, answer: CgiAnswer): void {
  response.status(answer.status);
  response.removeHeader('Cache-Control');
  for (const [name, value] of answer.headers) {
    if (name.toLowerCase() === 'set-cookie') response.append('Set-Cookie', value);
    else if (kept.has(name.toLowerCase())) response.setHeader(name, value);
  }
  response.setHeader('Content-Security-Policy', roundcubePolicy);
  response.setHeader('Referrer-Policy', 'same-origin');
}
