/** One request from sign-in to reply. */
import { type Auth, argument, type Side } from './auth.ts';
import type { Calls } from './calls.ts';
import type { Engine } from './engine.ts';
import { type Body, loginPage } from './envelope.ts';
import type { Faults } from './faults.ts';
import { bent, type PerformParts, plain, type Reply } from './perform.ts';
import type { Request } from './request.ts';
import { notSignedIn, signIn } from './sign-in.ts';
import { type Task, taskFor } from './tasks.ts';

export interface ServiceParts {
  readonly engine: Engine;
  readonly auth: Auth;
  readonly faults: Faults;
  readonly calls: Calls;
  /** Runs `work` after `ms`, unless the simulator was closed before. */
  readonly later: PerformParts['later'];
}

export type Service = (side: Side, request: Request) => Promise<Reply>;

function reply(body: Body): Reply {
  return { kind: 'body', body };
}

function accountOf({ call }: Task): string {
  return call.user !== '' ? call.user : (argument(call.args, 'user') ?? argument(call.args, 'username') ?? '');
}

/** The interface itself is not simulated: a page that names the host. */
function page(side: Side, hostname: string, path: string): Body {
  const title = side === 'whm' ? 'WHM' : 'cPanel';
  const text = `<html><head><title>${title}</title></head><body>${hostname}</body></html>\n`;
  return { status: path === '/' ? 200 : 404, type: 'text/html; charset="utf-8"', text };
}

/** Puts the parts together. */
export function createService({ engine, auth, faults, calls, later }: ServiceParts): Service {
  const { host } = engine;

  function run(task: Task): Reply | Promise<Reply> {
    const { api, fn, user, args, caller } = task.call;
    const n = calls.begin({ api, function: fn, user, caller: caller.user, args, receivedAt: host.now() });
    const work = { calls, now: host.now, later, task, n };
    const fault = faults.take(fn, accountOf(task));
    if (fault === undefined) return plain(work);
    calls.note(n, { fault: fault.kind });
    return bent(work, fault);
  }

  return async (side, request) => {
    if (/^\/login\/?$/u.test(request.path)) return reply(signIn(auth, side, request));
    const caller = auth.identify(side, request);
    if (caller === undefined) return reply(notSignedIn(request));
    if (/^\/logout\/?$/u.test(request.path)) {
      auth.logout(side, request.cookie);
      return reply(loginPage('logout', 200));
    }
    const task = taskFor(engine, side, request, caller);
    return task === undefined ? reply(page(side, host.hostname, request.path)) : run(task);
  };
}
