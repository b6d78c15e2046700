import type { OperationView } from '../../operations/model.ts';
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

/** What a decided operation says to the caller: the lead's own data and reason where it made the very call asked for. */
export function decided(view: OperationView, fn: string): CallAnswer {
  const lead = view.legs.find((leg) => leg.master === view.lead);
  switch (view.state) {
    case 'following':
    case 'done': {
      const own = lead?.answers.findLast((answer) => answer.fn === fn);
      const last = lead?.answers.at(-1);
      return { ok: true, data: own?.data, reason: own?.reason ?? last?.reason ?? 'OK' };
    }
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
