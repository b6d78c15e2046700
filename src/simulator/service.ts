/** One request from sign-in to reply. */
import { type Auth, argument, type Side } from './auth.ts';
import type { Backing } from './backing.ts';
import type { Calls } from './calls.ts';
import type { Engine } from './engine.ts';
import { type Body, loginPage } from './envelope.ts';
import type { Faults } from './faults.ts';
import { homeOf, nameOf } from './home.ts';
import { Refusal } from './params.ts';
import { bent, type PerformParts, plain, type Reply, refusal } from './perform.ts';
import type { Request } from './request.ts';
import { notSignedIn, signIn } from './sign-in.ts';
import { type Account, accounts } from './tables.ts';
import { type Task, taskFor } from './tasks.ts';

export interface ServiceParts {
  readonly engine: Engine;
  readonly auth: Auth;
  readonly faults: Faults;
  readonly calls: Calls;
  /** Real database servers behind this one. */
  readonly backing?: Backing;
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

/** Where the file is on this machine; undefined when there is none, or the account may not have it. */
function fileToSend(engine: Engine, account: Account, given: string): { path: string; name: string } | undefined {
  try {
    const home = homeOf({ account, host: engine.host, state: engine.state, user: account.user });
    const path = home.path(given);
    return home.stat(path)?.isFile() === true ? { path: home.real(path), name: nameOf(path) } : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Puts the parts together. */
export function createService({ engine, auth, faults, calls, later, backing }: ServiceParts): Service {
  const { host } = engine;

  async function run(task: Task): Promise<Reply> {
    const { api, fn, user, args, caller } = task.call;
    const n = calls.begin({ api, function: fn, user, caller: caller.user, args, receivedAt: host.now() });
    const work = { calls, now: host.now, later, task, n };
    const fault = faults.take(fn, accountOf(task));
    if (fault === undefined) {
      const reason = await backing?.before(task.call);
      return reason === undefined ? plain(work) : refusal(work, reason);
    }
    calls.note(n, { fault: fault.kind });
    return bent(work, fault);
  }

  /** `/download?skipencode=1&file=…` of a signed-in customer: any bytes, as they are. */
  function download(request: Request, user: string): Reply {
    const account = engine.state.of(accounts).get(user);
    const given = argument(request.args, 'file') ?? '';
    const file = account === undefined ? undefined : engine.change(() => fileToSend(engine, account, given));
    if (file === undefined) return reply({ status: 404, type: 'text/html', text: 'File not found\n' });
    const n = calls.begin({
      api: 'download',
      function: 'download',
      user,
      caller: user,
      args: request.args,
      receivedAt: host.now(),
    });
    calls.note(n, { finishedAt: host.now(), outcome: 'ok' });
    return { kind: 'file', ...file };
  }

  return async (side, request) => {
    if (/^\/login\/?$/u.test(request.path)) return reply(signIn(auth, side, request));
    const caller = auth.identify(side, request);
    if (caller === undefined) return reply(notSignedIn(request));
    if (/^\/logout\/?$/u.test(request.path)) {
      auth.logout(side, request.cookie);
      return reply(loginPage('logout', 200));
    }
    if (side === 'cpanel' && request.path === '/download') return download(request, caller.user);
    const task = taskFor(engine, side, request, caller);
    return task === undefined ? reply(page(side, host.hostname, request.path)) : run(task);
  };
}
