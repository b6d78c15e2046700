import type { Action, Plan } from '../actions/define.ts';
import { actionOf } from '../actions/index.ts';
import { Garbled } from '../errors.ts';
import type { WhmCall } from '../whm/call.ts';
import type { Answer, Outcome } from '../whm/outcome.ts';
import type { Facts, Side } from './model.ts';

type Params = Readonly<Record<string, unknown>>;

type Looked = Plan | { readonly kind: 'garbled'; readonly reason: string };

function answerOf(outcome: Outcome): Answer {
  return outcome.kind === 'done' ? { ok: true, data: outcome.data } : { ok: false, reason: outcome.reason };
}

/** One look of an action: its reads, and what it plans on them. */
async function look(side: Side, action: Action, params: Params, sent: boolean): Promise<Looked> {
  const place = side.place(sent);
  const answers: Answer[] = [];
  for (const call of action.observe(params, place)) {
    const outcome = await side.call(call);
    if (outcome.kind !== 'done' && outcome.kind !== 'refused') {
      return { kind: 'garbled', reason: `${call.fn} is ${outcome.kind}: ${outcome.reason}` };
    }
    answers.push(answerOf(outcome));
  }
  try {
    return action.plan(params, action.read(params, answers, place), place);
  } catch (error) {
    if (!(error instanceof Garbled)) throw error;
    return { kind: 'garbled', reason: error.message };
  }
}

function factsOfLook(name: string, looked: Looked): Facts {
  return 'reason' in looked ? { [name]: looked.kind, [`${name}Because`]: looked.reason } : { [name]: looked.kind };
}

async function send(side: Side, calls: readonly WhmCall[]): Promise<Facts> {
  for (const call of calls) {
    const outcome = await side.call(call);
    if (outcome.kind !== 'done') return { outcome: outcome.kind, because: `${call.fn}: ${outcome.reason}` };
  }
  return { outcome: 'done' };
}

/**
 * Does an action as an operation would, and tells what it made of the answers: what was planned `before`, the `calls`,
 * their `outcome`, what a later look of the same leg plans (`after`: settled when it took), what a stranger's request
 * for the same would get (`again`), and the outcome of the very same calls once more (`repeated`). Throws RangeError
 * for an unknown action.
 */
export async function act(side: Side, id: string, input: Params, options: { repeat?: boolean } = {}): Promise<Facts> {
  const action = actionOf(id);
  if (action === undefined) throw new RangeError(`there is no action ${id}`);
  const params: Params = action.params.parse(input);
  const before = await look(side, action, params, false);
  if (before.kind !== 'apply') return factsOfLook('before', before);
  const calls = before.calls.map((call) => call.fn);
  const sent = await send(side, before.calls);
  const after = await look(side, action, params, true);
  const again = await look(side, action, params, false);
  const repeated = options.repeat === true ? (await side.call(before.calls[0])).kind : undefined;
  return {
    before: before.kind,
    calls,
    ...sent,
    ...factsOfLook('after', after),
    again: again.kind,
    ...(repeated === undefined ? {} : { repeated }),
  };
}
