import type { WhmCall } from '../../whm/call.ts';
import { type CallAnswer, notPermitted } from './answer.ts';
import { heldBack } from './delegation.ts';
import type { PassthroughDeps } from './deps.ts';
import type { Verdict, Wanted } from './judge.ts';
import { merged } from './merge.ts';
import { relayed } from './outcome.ts';
import { outsideOf, zoneOutside } from './outside.ts';
import { lastOf } from './params.ts';
import { mayRun, owns, readsAtAll } from './rights.ts';
import type { Caller } from './run.ts';
import { cut, cutDown, resellerRead } from './slices.ts';
import { remember, rememberCurrent } from './zones.ts';

type ReadVerdict = Verdict & { kind: 'read' | 'merge' | 'named' | 'zone-read' };

/** Whether the caller may read it. A bounded one must name something of their own, or be shown a part. */
function mayRead(
  deps: PassthroughDeps,
  caller: Caller,
  wanted: Wanted,
  verdict: ReadVerdict,
): boolean | Promise<boolean> {
  const { actor } = caller;
  const isCut = cutDown.has(wanted.fn);
  const isBound = actor.scope !== 'all' && 'reseller' in actor.scope;
  if (!mayRun(caller, wanted) && !(readsAtAll(actor) && (!isBound || isCut || wanted.api !== 'whm'))) return false;
  if (actor.scope === 'all') return true;
  if (verdict.kind === 'named') return false;
  if (isCut || resellerRead(actor, wanted)) return true;
  if (verdict.kind === 'zone-read') return owns(deps, actor, { account: verdict.account, domain: verdict.zone });
  return owns(deps, actor, { account: verdict.account, domain: verdict.domain });
}

async function named(deps: PassthroughDeps, call: WhmCall, master: string): Promise<CallAnswer> {
  const { masters } = await deps.reads.status();
  if (masters.some(({ id }) => id === master)) return relayed(await deps.on(master, call));
  return { ok: false, reason: `No server is called “${master}”; there are ${masters.map((m) => m.id).join(', ')}.` };
}

/** A read of one master, or of all where only that is true; addresses come as the outside sees them. */
export async function read(
  deps: PassthroughDeps,
  caller: Caller,
  wanted: Wanted,
  verdict: ReadVerdict,
): Promise<CallAnswer> {
  if (!(await mayRead(deps, caller, wanted, verdict))) return notPermitted(wanted.fn);
  const { actor } = caller;
  if (verdict.kind === 'named') {
    const { master } = verdict;
    return heldBack(deps, wanted, await named(deps, verdict.call, master), (call) => deps.on(master, call));
  }
  if (verdict.kind === 'merge')
    return outsideOf(deps, await cut(deps, actor, wanted, await merged(deps, actor, verdict.call, verdict.account)));
  const { reads } = deps;
  const { account } = verdict;
  const answer = relayed((await reads.call(verdict.call, account)).outcome);
  if (verdict.kind === 'read') {
    const told = await heldBack(deps, wanted, answer, async (call) => (await reads.call(call, account)).outcome);
    return outsideOf(deps, await cut(deps, actor, wanted, told));
  }
  if (isWhole(wanted)) await remember(deps, actor, verdict.zone, answer);
  else if (answer.ok) await rememberCurrent(deps, actor, verdict.zone, verdict.account);
  return zoneOutside(deps, answer);
}

/** Filters show a part of a zone: its lines are those of the whole, which is then read beside it. */
function isWhole(wanted: Wanted): boolean {
  return ['line', 'name', 'type', 'customonly'].every((filter) => lastOf(wanted.args, filter) === undefined);
}
