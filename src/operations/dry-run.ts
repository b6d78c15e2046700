/** What an action would do on each master, without doing it: the plan, and nothing sent. */
import type { Action, Plan } from '../actions/define.ts';
import { messageOf } from '../errors.ts';
import type { Deps } from './deps.ts';
import { readAll } from './read-all.ts';

export interface DryRun {
  readonly master: string;
  readonly sentence: string;
  readonly calls: readonly string[];
}

/** Asks every master; one that cannot be read says so in its sentence. */
export function dryRun(deps: Deps, action: Action, params: Record<string, unknown>): Promise<readonly DryRun[]> {
  return Promise.all(deps.masters.list.map((m) => onMaster(deps, action, params, m.id)));
}

async function onMaster(deps: Deps, action: Action, params: Record<string, unknown>, id: string): Promise<DryRun> {
  const master = deps.masters.get(id);
  const place = { master, masters: deps.masters, sent: false };
  const answers = await readAll(deps, id, action.observe(params, place));
  if (answers === undefined) return { master: id, sentence: `${master.name} cannot be read`, calls: [] };
  try {
    return sentenceOf(id, master.name, action.plan(params, action.read(params, answers, place), place));
  } catch (error) {
    return { master: id, sentence: `${master.name}: ${messageOf(error)}`, calls: [] };
  }
}

function sentenceOf(id: string, name: string, plan: Plan): DryRun {
  switch (plan.kind) {
    case 'settled':
      return { master: id, sentence: `${name} has it already`, calls: [] };
    case 'refused':
      return { master: id, sentence: `${name} would refuse: ${plan.reason}`, calls: [] };
    case 'apply':
      return { master: id, sentence: `${name}: ${plan.calls.length} calls`, calls: plan.calls.map((c) => c.fn) };
  }
}
