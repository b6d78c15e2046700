/**
 * One request from sign-in to reply. The order in which a call's effect, its record and its reply happen is this
 * module's whole business; faults bend it.
 */
import { type Auth, argument, COOKIE, type Side } from './auth.ts';
import type { Calls } from './calls.ts';
import type { Engine, Executed, Outcome } from './engine.ts';
import { accessDenied, type Body, loginPage } from './envelope.ts';
import type { Fault, Faults } from './faults.ts';
import { no } from './handler.ts';
import type { Request } from './request.ts';
import { type Task, taskFor } from './tasks.ts';

/** What goes back: an answer, nothing ever, or a broken connection. */
export type Reply =
  | { readonly kind: 'body'; readonly body: Body }
  | { readonly kind: 'hang' }
  | { readonly kind: 'cut' };

export interface ServiceParts {
  readonly engine: Engine;
  readonly auth: Auth;
  readonly faults: Faults;
  readonly calls: Calls;
  /** Runs `work` after `ms`, unless the simulator was closed before. */
  readonly later: (ms: number, work: () => void) => void;
}

export type Service = (side: Side, request: Request) => Promise<Reply>;

const LOCKED =
  'Unable to lock “/etc/.cpanel.lock”: Resource temporarily unavailable. The file is locked by another process.';
const BROKEN = 'Sorry, the system could not complete the request.';

function body(b: Body): Reply {
  return { kind: 'body', body: b };
}

function outcomeWord(executed: Executed): string {
  if (executed.kind !== 'result') return 'unknown';
  return executed.result.ok ? 'ok' : 'refused';
}

function reasonOf(executed: Executed): string {
  if (executed.kind !== 'result') return '';
  return executed.result.reason ?? '';
}

function serverError(): Body {
  const text = '<html><head><title>Internal Server Error</title></head><body><h1>HTTP error 500</h1></body></html>\n';
  return { status: 500, type: 'text/html', text };
}

/** Puts the parts together. */
export function createService(parts: ServiceParts): Service {
  const { engine, auth, faults, calls, later } = parts;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => later(ms, resolve));

  function finish(n: number, outcome: string, reason: string, effect?: number): void {
    calls.note(n, { finishedAt: engine.host.now(), outcome, reason, effect: effect ?? null });
  }

  function done(n: number, outcome: Outcome, word = outcomeWord(outcome.executed)): void {
    finish(n, word, reasonOf(outcome.executed), outcome.effect);
  }

  function plainRun(task: Task, n: number): Reply {
    const outcome = task.execute(n, 'all');
    done(n, outcome);
    return body(task.render(outcome.executed));
  }

  function refuse(task: Task, n: number, reason: string): Reply {
    finish(n, 'refused', reason);
    return body(task.render({ kind: 'result', result: no(reason), v0: undefined }));
  }

  function partial(task: Task, n: number, reason: string): Reply {
    const outcome = task.execute(n, 'first-part');
    if (outcome.executed.kind !== 'result' || !outcome.executed.result.ok) {
      done(n, outcome);
      return body(task.render(outcome.executed));
    }
    finish(n, 'refused', reason, outcome.effect);
    return body(task.render({ kind: 'result', result: no(reason), v0: undefined }));
  }

  async function visibleEarly(task: Task, n: number, ms: number): Promise<Reply> {
    const outcome = task.execute(n, 'first-part');
    await wait(ms);
    outcome.finish();
    done(n, outcome);
    return body(task.render(outcome.executed));
  }

  function garble(task: Task, n: number, fault: Fault): Reply {
    const effect = fault.effect ?? fault.kind === 'garbage';
    const outcome = effect ? task.execute(n, 'all') : undefined;
    finish(n, 'garbled', '', outcome?.effect);
    if (fault.kind === 'http-500') return body(serverError());
    if (fault.kind === 'html') return body(loginPage('', 200));
    const text = outcome === undefined ? '{"metadata":{"ver' : task.render(outcome.executed).text;
    return body({ status: 200, type: 'application/json', text: text.slice(0, Math.max(1, text.length - 9)) });
  }

  function cut(task: Task, n: number, fault: Fault): Reply {
    if (fault.kind === 'drop-after') done(n, task.execute(n, 'all'), 'cut');
    else if (fault.kind === 'drop-before') finish(n, 'cut', '');
    else later(fault.ms, () => done(n, task.execute(n, 'all'), 'cut'));
    return { kind: 'cut' };
  }

  async function bent(task: Task, n: number, fault: Fault): Promise<Reply> {
    switch (fault.kind) {
      case 'refuse':
        return refuse(task, n, fault.reason ?? BROKEN);
      case 'busy':
        return refuse(task, n, fault.reason ?? LOCKED);
      case 'partial':
        return partial(task, n, fault.reason ?? BROKEN);
      case 'denied':
        finish(n, 'denied', 'Access denied');
        return body(accessDenied());
      case 'slow':
        await wait(fault.ms);
        return plainRun(task, n);
      case 'visible-early':
        return visibleEarly(task, n, fault.ms);
      case 'hang':
        finish(n, 'hung', '');
        return { kind: 'hang' };
      case 'drop-before':
      case 'drop-after':
      case 'late':
        return cut(task, n, fault);
      case 'http-500':
      case 'html':
      case 'garbage':
        return garble(task, n, fault);
      case 'down':
        return { kind: 'cut' };
    }
  }

  function accountOf(task: Task): string {
    return task.call.user !== ''
      ? task.call.user
      : (argument(task.call.args, 'user') ?? argument(task.call.args, 'username') ?? '');
  }

  function run(task: Task): Reply | Promise<Reply> {
    const { call } = task;
    const n = calls.begin({
      api: call.api,
      function: call.fn,
      user: call.user,
      caller: call.caller.user,
      args: call.args,
      receivedAt: engine.host.now(),
    });
    const fault = faults.take(call.fn, accountOf(task));
    if (fault === undefined) return plainRun(task, n);
    calls.note(n, { fault: fault.kind });
    return bent(task, n, fault);
  }

  function login(side: Side, request: Request): Reply {
    const only = argument(request.args, 'login_only') === '1';
    const [user, pass] = [argument(request.args, 'user') ?? '', argument(request.args, 'pass') ?? ''];
    const session = auth.login(side, user, pass, request.address);
    if (session === undefined) {
      const text = '{"status":0,"message":"invalid_login"}';
      return body(only ? { status: 401, type: 'text/plain; charset="utf-8"', text } : loginPage('invalid_login'));
    }
    const cookie = `${COOKIE[side]}=${session.cookie}; HttpOnly; path=/; port=${side === 'whm' ? 2087 : 2083}; secure`;
    const redirect = `${session.token}${argument(request.args, 'goto_uri') ?? '/'}`;
    const headers = { 'set-cookie': cookie };
    if (!only) return body({ status: 301, type: 'text/html', text: '', headers: { ...headers, location: redirect } });
    const text = JSON.stringify({ status: 1, redirect, security_token: session.token });
    return body({ status: 200, type: 'text/plain; charset="utf-8"', text, headers });
  }

  /** The one-time URL of create_user_session. */
  function redeem(side: Side, request: Request, key: string): Reply {
    const session = auth.redeem(request.sessionPath ?? '', key, request.address);
    if (session === undefined) return body(loginPage('expired_session'));
    const cookie = `${COOKIE[side]}=${session.cookie}; HttpOnly; path=/; secure`;
    return body({
      status: 301,
      type: 'text/html',
      text: '',
      headers: { 'set-cookie': cookie, location: `${session.token}/` },
    });
  }

  function signIn(side: Side, request: Request): Reply {
    const key = argument(request.args, 'session');
    return key === undefined ? login(side, request) : redeem(side, request, key);
  }

  function unsigned(request: Request): Reply {
    if (/^\/(json-api|xml-api|execute)\//u.test(request.path)) return body(accessDenied());
    const code =
      request.sessionPath === undefined ? (request.cookie === undefined ? '' : 'token_missing') : 'expired_session';
    return body(loginPage(code));
  }

  return async (side, request) => {
    if (/^\/login\/?$/u.test(request.path)) return signIn(side, request);
    const caller = auth.identify(side, request);
    if (caller === undefined) return unsigned(request);
    if (/^\/logout\/?$/u.test(request.path)) {
      auth.logout(side, request.cookie);
      return body(loginPage('logout', 200));
    }
    const task = taskFor(engine, side, request, caller);
    if (task !== undefined) return run(task);
    const text = `<html><head><title>${side === 'whm' ? 'WHM' : 'cPanel'}</title></head><body>${engine.host.hostname}</body></html>\n`;
    return body({ status: request.path === '/' ? 200 : 404, type: 'text/html; charset="utf-8"', text });
  };
}
