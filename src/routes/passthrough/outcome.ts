import type { LegView, OperationView } from '../../operations/model.ts';
import type { Outcome } from '../../whm/outcome.ts';
import type { CallAnswer } from './answer.ts';

/** A master's answer to a read. What proves nothing is a failure with a sentence, never an empty success. */
export function relayed(outcome: Outcome): CallAnswer {
  switch (outcome.kind) {
    case 'done':
      return { ok: true, data: outcome.data, reason: outcome.reason, body: outcome.body };
    case 'refused':
      return { ok: false, reason: outcome.reason, body: outcome.body };
    case 'denied':
      return {
        ok: false,
        reason: 'The server did not accept the sign-in of the control node; its operators have been told.',
      };
    case 'busy':
    case 'not-sent':
    case 'in-doubt':
      return { ok: false, reason: `The server cannot answer at the moment: ${outcome.reason}` };
  }
}

function leadOf(view: OperationView): LegView | undefined {
  return view.legs.find((leg) => leg.master === view.lead);
}

function byLead(view: OperationView, fn: string): CallAnswer {
  const answers = leadOf(view)?.answers ?? [];
  const own = answers.findLast((answer) => answer.fn === fn);
  return { ok: true, data: own?.data, reason: own?.reason ?? answers.at(-1)?.reason ?? 'OK' };
}

/** Whether a master is not through with it. */
export function isOpen(leg: LegView): boolean {
  return !['done', 'skipped', 'refused', 'withdrawn'].includes(leg.state);
}

function notGoneYet(view: OperationView): CallAnswer {
  const names = view.legs.filter(isOpen).map((leg) => leg.master.toUpperCase());
  const whose = view.subject.kind === 'account' ? view.subject.account : '';
  return {
    ok: false,
    reason: `The account ${whose} is removed on one server and not yet on ${names.join(', ')}; until then its name cannot be used again. Operation ${view.id} goes on; the same call later tells how it ended.`,
  };
}

/** What a decided operation says to the caller: the lead's own data and reason where it made the very call asked for. */
export function decided(view: OperationView, fn: string): CallAnswer {
  const lead = leadOf(view);
  switch (view.state) {
    case 'following':
      return view.action === 'account.terminate' ? notGoneYet(view) : byLead(view, fn);
    case 'done':
      return byLead(view, fn);
    case 'refused':
      return { ok: false, reason: lead?.error?.message ?? `Operation ${view.id} was refused.` };
    case 'withdrawn':
      return {
        ok: false,
        reason: `Operation ${view.id} was withdrawn before it reached a server; nothing was changed.`,
      };
    case 'undecided':
      return {
        ok: false,
        reason: `Operation ${view.id} is not decided: ${lead?.error?.message ?? 'a person has to look at it'}. Do not repeat the call.`,
      };
    case 'accepted':
      return {
        ok: false,
        reason: `Operation ${view.id} was accepted and goes on; no server has finished it yet. Do not repeat the call with other values.`,
      };
  }
}
