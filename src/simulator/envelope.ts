/** How answers look on the wire: WHM API 1, UAPI, API 2 (API 0 stands in envelope-zero.ts). */
import type { Failure, Result, Success } from './handler.ts';
import { xmlText } from './xml.ts';

/** A body and its type: cPanel sends JSON failures as text/plain. */
export interface Body {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Row = Readonly<Record<string, unknown>>;

const JSON_TYPE = 'application/json; charset="utf-8"';
const TEXT_TYPE = 'text/plain; charset="utf-8"';

/** A JSON body; `failed` picks the content type. */
export function jsonBody(value: unknown, failed = false): Body {
  return { status: 200, type: failed ? TEXT_TYPE : JSON_TYPE, text: JSON.stringify(value) };
}

function output(result: Result): Row {
  const fields: Record<string, unknown> = {};
  if (result.raw !== undefined) fields['raw'] = result.raw;
  if (result.ok && result.messages !== undefined) fields['messages'] = result.messages;
  if (result.ok && result.warnings !== undefined) fields['warnings'] = result.warnings;
  return Object.keys(fields).length === 0 ? {} : { output: fields };
}

/** `{data, metadata}` of WHM API 1; `more` goes into the metadata. */
export function whmAnswer(fn: string, result: Result, more: Row = {}): Row {
  const reason = result.ok ? (result.reason ?? 'OK') : result.reason;
  const metadata = { version: 1, command: fn, result: result.ok ? 1 : 0, reason, ...output(result), ...more };
  const data = result.ok ? result.data : undefined;
  return data === undefined ? { metadata } : { data, metadata };
}

/** The six fields of a UAPI result. */
export function uapiAnswer(result: Result, metadata: Row = {}): Row {
  const lists = (s: Success): Row => ({
    messages: s.messages ?? null,
    warnings: s.warnings ?? null,
  });
  if (result.ok) return { status: 1, data: result.data ?? null, errors: null, ...lists(result), metadata };
  return {
    status: 0,
    data: result.data ?? null,
    errors: [result.reason],
    messages: null,
    warnings: null,
    metadata: {},
  };
}

/** UAPI's answer in the older `cpanel` function with apiversion 3. */
export function uapiNested(module: string, func: string, result: Result, metadata: Row = {}): Row {
  return { apiversion: 3, module, func, result: uapiAnswer(result, metadata) };
}

function api2Failure(failure: Failure): Row {
  const data = failure.data ?? [{ result: 0, reason: failure.reason }];
  return failure.quiet === true ? { data } : { error: failure.reason, data };
}

/** Modules whose recorded answers have no `preevent` and `postevent`. */
const UNHOOKED: ReadonlySet<string> = new Set(['CustInfo', 'DomainLookup', 'Fileman', 'Ftp', 'Passwd', 'SSL']);

/** `cpanelresult` of API 2; `more` stands beside its data. */
export function api2Answer(module: string, func: string, result: Result, more: Row = {}): Row {
  const body = result.ok ? { data: result.data ?? [] } : api2Failure(result);
  const hooks = UNHOOKED.has(module) ? {} : { preevent: { result: 1 }, postevent: { result: 1 } };
  const events = { ...hooks, event: { result: 1 } };
  return { cpanelresult: { apiversion: 2, module, func, ...body, ...more, ...events } };
}

/** An API 2 function that does not exist. */
export function api2Unknown(module: string, func: string): Row {
  const error = `Could not find function '${func}' in module '${module}'`;
  return { cpanelresult: { apiversion: 2, error, func, module } };
}

/** API 2 and UAPI through WHM for an account that is not there or not the caller's. */
export function badUser(): Row {
  const reason = 'User parameter is invalid or was not supplied';
  return { cpanelresult: { data: { reason, result: '0' }, type: 'text', error: reason } };
}

/** An XML body. */
export function xmlBody(text: string): Body {
  return { status: 200, type: 'text/xml', text };
}

/** What a wrong token, password or session gets on API paths. */
export function accessDenied(isXml = false): Body {
  const body = {
    cpanelresult: {
      apiversion: '2',
      error: 'Access denied',
      data: { reason: 'Access denied', result: '0' },
      type: 'text',
    },
  };
  const headers = { connection: 'close' };
  if (isXml)
    return { status: 403, type: 'text/xml', text: xmlText('cpanelresult', body.cpanelresult, 'sorted'), headers };
  return { status: 403, type: TEXT_TYPE, text: JSON.stringify(body), headers };
}

/** The sign-in page, with the mark that cPanel's own tests look for. */
export function loginPage(code: string, status = 401): Body {
  const text = `<!DOCTYPE html>
<html lang="en" dir="ltr">
<head><meta charset="utf-8"><title>WHM Login</title>
<!-- needed for automated testing - msg_code:[${code}] --></head>
<body class="wm"><div id="login-wrapper"><div id="login-status" class="error-notice"></div>
<form novalidate id="login_form" action="/login/" method="post" target="_top">
<input name="user" id="user" type="text"><input name="pass" id="pass" type="password">
<input type="hidden" name="goto_uri" value="/"><button name="login" type="submit">Log in</button>
</form></div></body></html>
`;
  return { status, type: 'text/html; charset="utf-8"', text };
}

/** The page that asks for the code of the second factor: HTML, also where JSON was asked for. */
export function codePage(user: string): Body {
  const shown = user.replace(/[^\w.@-]/gu, '');
  const text = `<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><title>Two-Factor Authentication</title></head>
<body class="wm"><div id="login-wrapper"><form novalidate id="tfa_login_form" action="/login/" method="post">
<input type="hidden" name="user" value="${shown}"><input name="tfa_token" id="tfatoken" type="text">
<button type="submit">Continue</button></form></div></body></html>
`;
  return { status: 200, type: 'text/html; charset="utf-8"', text };
}
