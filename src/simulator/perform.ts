/** Does one task as the fault that hits it says. Effect, record and reply happen in the order told here. */
import type { Calls } from './calls.ts';
import type { Outcome } from './engine.ts';
import { accessDenied, type Body, loginPage } from './envelope.ts';
import type { Fault } from './faults.ts';
import { no } from './handler.ts';
import type { Task } from './tasks.ts';

/** What goes back: an answer, nothing ever, or a broken connection. */
export type Reply =
  | { readonly kind: 'body'; readonly body: Body }
  /** A file of the account, as the browser's download of cPanel gives it. */
  | { readonly kind: 'file'; readonly path: string; readonly name: string }
  | { readonly kind: 'hang' }
  | { readonly kind: 'cut' };

export interface PerformParts {
  readonly calls: Calls;
  readonly now: () => number;
  /** Runs `work` after `ms`, unless the simulator was closed before. */
  readonly later: (ms: number, work: () => void) => void;
}

/** A call that came in. */
export interface Work extends PerformParts {
  readonly task: Task;
  /** Its number in the list of calls. */
  readonly n: number;
}

const LOCKED =
  'Unable to lock “/etc/.cpanel.lock”: Resource temporarily unavailable. The file is locked by another process.';
const BROKEN = 'Sorry, the system could not complete the request.';

function reply(body: Body): Reply {
  return { kind: 'body', body };
}

function finish({ calls, now, n }: Work, outcome: string, reason: string, effect?: number): void {
  calls.note(n, { finishedAt: now(), outcome, reason, effect: effect ?? null });
}

function note(work: Work, outcome: Outcome, word?: string): void {
  const { executed } = outcome;
  if (executed.kind !== 'result') {
    finish(work, word ?? 'unknown', '');
    return;
  }
  const { result } = executed;
  finish(work, word ?? (result.ok ? 'ok' : 'refused'), result.reason ?? '', outcome.effect);
}

/** As if there were no fault. */
export function plain(work: Work): Reply {
  const outcome = work.task.execute(work.n, 'all');
  note(work, outcome);
  return reply(work.task.render(outcome.executed));
}

/** Says no, and does nothing. */
export function refusal(work: Work, reason: string, effect?: number): Reply {
  finish(work, 'refused', reason, effect);
  return reply(work.task.render({ kind: 'result', result: no(reason), v0: undefined }));
}

function partial(work: Work, reason: string): Reply {
  const outcome = work.task.execute(work.n, 'first-part');
  const { executed } = outcome;
  if (executed.kind === 'result' && executed.result.ok) return refusal(work, reason, outcome.effect);
  note(work, outcome);
  return reply(work.task.render(executed));
}

async function visibleEarly(work: Work, ms: number): Promise<Reply> {
  const outcome = work.task.execute(work.n, 'first-part');
  await wait(work, ms);
  outcome.finish();
  note(work, outcome);
  return reply(work.task.render(outcome.executed));
}

function serverError(): Body {
  const text = '<html><head><title>Internal Server Error</title></head><body><h1>HTTP error 500</h1></body></html>\n';
  return { status: 500, type: 'text/html', text };
}

function garble(work: Work, fault: Fault): Reply {
  const isDone = fault.effect ?? fault.kind === 'garbage';
  const outcome = isDone ? work.task.execute(work.n, 'all') : undefined;
  finish(work, 'garbled', '', outcome?.effect);
  if (fault.kind === 'http-500') return reply(serverError());
  if (fault.kind === 'html') return reply(loginPage('', 200));
  const text = outcome === undefined ? '{"metadata":{"version":1,' : work.task.render(outcome.executed).text;
  return reply({ status: 200, type: 'application/json', text: text.slice(0, Math.max(1, text.length - 9)) });
}

function cut(work: Work, fault: Fault): Reply {
  const act = (): void => note(work, work.task.execute(work.n, 'all'), 'cut');
  if (fault.kind === 'drop-after') act();
  else if (fault.kind === 'late') work.later(fault.ms, act);
  else finish(work, 'cut', '');
  return { kind: 'cut' };
}

function wait(work: Work, ms: number): Promise<void> {
  return new Promise((resolve) => work.later(ms, resolve));
}

/** Does the call the way the fault wants. */
export async function bent(work: Work, fault: Fault): Promise<Reply> {
  switch (fault.kind) {
    case 'refuse':
      return refusal(work, fault.reason ?? BROKEN);
    case 'busy':
      return refusal(work, fault.reason ?? LOCKED);
    case 'partial':
      return partial(work, fault.reason ?? BROKEN);
    case 'denied':
      finish(work, 'denied', 'Access denied');
      return reply(accessDenied());
    case 'slow':
      await wait(work, fault.ms);
      return plain(work);
    case 'visible-early':
      return visibleEarly(work, fault.ms);
    case 'hang':
      finish(work, 'hung', '');
      return { kind: 'hang' };
    case 'drop-before':
    case 'drop-after':
    case 'late':
      return cut(work, fault);
    case 'http-500':
    case 'html':
    case 'garbage':
      return garble(work, fault);
    case 'down':
      return { kind: 'cut' };
  }
}
