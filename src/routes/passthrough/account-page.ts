import type { ServerResponse } from 'node:http';
import type { Actor } from '../../auth/actor.ts';
import type { PassthroughDeps } from './deps.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function safe(text: string): string {
  return text.replace(/[&<>"]/g, (c) => escapes[c] ?? c);
}

/**
 * Where a one-time link leads: what the account is, read-only. No script, no style, no form: nothing on it can act, and
 * no other site may frame it.
 */
export async function accountPage(deps: PassthroughDeps, actor: Actor, response: ServerResponse): Promise<void> {
  const { rows, readAt } = await deps.reads.accounts(actor);
  const lines = rows.map(
    (row) =>
      `<dl><dt>Account</dt><dd>${safe(row.user)}</dd><dt>Domain</dt><dd>${safe(row.domain)}</dd>` +
      `<dt>Package</dt><dd>${safe(row.plan)}</dd><dt>Disk used</dt><dd>${safe(row.diskused)}</dd>` +
      `<dt>State</dt><dd>${row.suspended ? 'suspended' : 'active'}</dd></dl>`,
  );
  const body =
    actor.scope === 'all' ? '<p>Signed in. The portal of the control node has the pages.</p>' : lines.join('');
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.end(
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
      `<title>Account</title><main><h1>Your account</h1>${body}<p>As of ${safe(readAt)}.</p></main></html>`,
  );
}
