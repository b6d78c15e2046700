import type { Command, CommandResult } from '../control/schema.ts';
import { manualVetoes, type Veto } from '../safety.ts';
import { accountsIn, headsOf, type Order, orderId, standing } from '../verdict/orders.ts';
import { goOn } from '../warnings.ts';
import { gateNames } from '../watch/gate.ts';
import { lookAround, situationOf, type TurnResult } from '../watch/turn.ts';
import { askedOrder, confirmAsked } from './asked.ts';
import { type CommandDeps, result } from './deps.ts';
import { foreseen } from './foresee.ts';
import {
  activeNow,
  carry,
  closedFor,
  firstOf,
  gateLines,
  type Move,
  masterIds,
  passBarrier,
  wouldPublish,
} from './move.ts';

/** Switch, return, prepare: orders that a person gives. */

type Of<Name extends Command['command']> = Extract<Command, { command: Name }>;
type Around = Pick<TurnResult, 'view' | 'met' | 'silent'>;

/** What stands against a person's order; a second word and force take away what they are for. */
function against(
  deps: CommandDeps,
  around: Around,
  move: Move,
  { secondWord, force }: { readonly secondWord: boolean; readonly force: boolean },
): readonly Veto[] {
  const situation = situationOf(deps.watch, around.view);
  const answers = around.met.length === 0 || around.met.every(({ statement }) => statement !== undefined);
  const vetoes = manualVetoes(situation, answers, secondWord).filter(({ kind }) => kind !== 'conflict' || !secondWord);
  if (force || around.view.sights[move.to] === 'serving') return vetoes;
  const sentence = `${move.to} is not seen serving; with --force it is done all the same.`;
  return [...vetoes, { kind: 'second-word', sentence, overridable: true }];
}

/** Accounts of the master that no switch of it moves. */
function stayingLine(deps: CommandDeps, move: Move): readonly string[] {
  const stands = standing(deps.watch.store.orders());
  if (accountsIn(move).length > 0 || stands.kind === 'conflict') return [];
  const home = (account: string): string => stands.homes[account] ?? firstOf(deps);
  const left = deps.watch.store.placement().unprotected.filter((account) => home(account) === move.from);
  return left.length === 0 ? [] : [`${left.length} accounts are not protected and stay on ${move.from}.`];
}

async function prediction(deps: CommandDeps, move: Move): Promise<readonly string[]> {
  const order = wouldPublish(deps, move);
  if (deps.publish === undefined || order === undefined)
    return ['No name servers are configured here: no zone would change.'];
  return [...(await foreseen(deps.publish, order)), ...stayingLine(deps, move)];
}

function seenBy(around: Around): readonly string[] {
  const { view, silent, met } = around;
  return [
    ...Object.entries(view.sights).map(([id, sight]) => `${view.observer} sees ${id}: ${sight}`),
    ...view.statements.flatMap(({ from, sees }) =>
      Object.entries(sees).map(([id, yes]) => `${from} ${yes ? 'sees' : 'does not see'} ${id}`),
    ),
    ...[...met.flatMap(({ id, why }) => (why === undefined ? [] : [{ id, why }])), ...silent].map(
      ({ id, why }) => `${id} does not answer: ${why}`,
    ),
  ];
}

function refusal(vetoes: readonly Veto[], around: Around): CommandResult {
  const [first] = vetoes;
  return result(
    'refused',
    first?.sentence ?? '',
    [...vetoes.slice(1).map(({ sentence }) => sentence), ...seenBy(around)],
    { vetoes },
  );
}

/** The move that a switch means, or why it means none. */
function moveOf(deps: CommandDeps, given: Pick<Of<'switch'>, 'from' | 'to' | 'account'>): Move | string {
  const ids = masterIds(deps);
  const others = ids.filter((id) => id !== given.from);
  const to = given.to ?? (others.length === 1 ? others[0] : undefined);
  if (!ids.includes(given.from)) return `${given.from} is no master. Known: ${ids.join(', ')}.`;
  if (to === undefined) return `Say where to: --to ${others.join(' or ')}.`;
  if (!others.includes(to)) return `${to} is no other master. Known: ${others.join(', ')}.`;
  const now = activeNow(deps, given.account);
  if (given.account !== undefined && now === to) return `${given.account} is active on ${to} already.`;
  return { kind: 'switch', from: given.from, to, account: given.account };
}

/** What an order that the change brake holds would do. */
async function waitsFor(deps: CommandDeps, order: Order): Promise<CommandResult> {
  const wanted = deps.carrier.wanted();
  const lines = deps.publish === undefined || wanted === undefined ? [] : await foreseen(deps.publish, wanted);
  const sentence = `Order ${orderId(order)} stands, and the change brake asks. If the numbers are right: ${goOn(order)}`;
  return result('refused', sentence, lines, { order: orderId(order) });
}

/** What a switch would do, asked of everybody, and nothing is changed. */
export async function prepare(deps: CommandDeps, given: Of<'prepare'>): Promise<CommandResult> {
  const asked = await askedOrder(deps, given);
  if (asked !== undefined) return await waitsFor(deps, asked);
  if (given.goal === 'return') return prepareReturn(deps, given);
  const move = moveOf(deps, given);
  if (typeof move === 'string') return result('invalid', move);
  const around = await lookAround(deps.watch, deps.memory, true);
  const vetoes = against(deps, around, move, { secondWord: false, force: false });
  const lines = [...(await prediction(deps, move)), ...vetoes.map(({ sentence }) => sentence), ...seenBy(around)];
  const sentence =
    vetoes.length === 0
      ? `Ready: a switch from ${move.from} to ${move.to} can be ordered.`
      : `A switch from ${move.from} to ${move.to} would not be ordered without more words.`;
  return result(vetoes.length === 0 ? 'done' : 'refused', sentence, lines, { move, vetoes });
}

export async function switchNow(deps: CommandDeps, given: Of<'switch'>): Promise<CommandResult> {
  const asked = given.confirmed ? await askedOrder(deps, given) : undefined;
  if (asked !== undefined) return confirmAsked(deps, asked, given.by);
  const move = moveOf(deps, given);
  if (typeof move === 'string') return result('invalid', move);
  const around = await lookAround(deps.watch, deps.memory, true);
  const vetoes = against(deps, around, move, given);
  if (vetoes.length > 0) return refusal(vetoes, around);
  return carry(deps, move, given.by, given.confirmed, seenBy(around));
}

/** What a return to a master means: from where its things are active now. */
function returnOf(deps: CommandDeps, { to, account }: Pick<Of<'return'>, 'to' | 'account'>): Move | string {
  const ids = masterIds(deps);
  if (!ids.includes(to)) return `${to} is no master. Known: ${ids.join(', ')}.`;
  const stands = standing(deps.watch.store.orders());
  if (account !== undefined) {
    const now = activeNow(deps, account);
    if (now === undefined || now === to) return `${account} is active on ${to} already.`;
    return { kind: 'return', from: now, to, account };
  }
  const away = stands.kind === 'agreed' ? stands.active[to] : headsOf(deps.watch.store.orders())[0]?.to;
  if (away === undefined || away === to) return `Nothing of ${to} is away: there is nothing to return.`;
  return { kind: 'return', from: away, to, account: undefined };
}

/** What a return would do, and which gates are closed now. Nothing is changed. */
async function prepareReturn(deps: CommandDeps, given: Of<'prepare'>): Promise<CommandResult> {
  const to = given.to ?? given.from;
  const move = returnOf(deps, { to, account: given.account });
  if (typeof move === 'string') return result('invalid', move);
  const around = await lookAround(deps.watch, deps.memory, true);
  const vetoes = against(deps, around, move, { secondWord: false, force: false });
  const gates = await closedFor(deps, move, []);
  const lines = [
    ...(await prediction(deps, move)),
    ...gateLines(gates),
    ...vetoes.map(({ sentence }) => sentence),
    ...seenBy(around),
  ];
  const open = vetoes.length === 0 && gates.closed.length === 0;
  const sentence = open
    ? `Ready: a return from ${move.from} to ${to} can be ordered.`
    : `A return to ${to} would not be ordered without more words.`;
  return result(open ? 'done' : 'refused', sentence, lines, {
    move,
    vetoes,
    closed: gates.closed.map(({ key }) => key),
  });
}

/** Through the gate, then the barrier, then the order. */
export async function returnNow(deps: CommandDeps, given: Of<'return'>): Promise<CommandResult> {
  const asked = given.confirmed ? await askedOrder(deps, given) : undefined;
  if (asked !== undefined) return confirmAsked(deps, asked, given.by);
  const move = returnOf(deps, given);
  if (typeof move === 'string') return result('invalid', move);
  const around = await lookAround(deps.watch, deps.memory, true);
  const vetoes = against(deps, around, move, {
    secondWord: given.secondWord,
    force: given.override.includes('greenMs'),
  });
  if (vetoes.length > 0) return refusal(vetoes, around);
  const gates = await closedFor(deps, move, given.override);
  if (gates.closed.length > 0) {
    const lines = [...gateLines(gates), 'A person may override by name: --override NAME,NAME'];
    return result('refused', `The gate to ${move.to} is closed.`, lines, {
      closed: gates.closed.map(({ key }) => key),
    });
  }
  await passBarrier(deps, move);
  const overridden = given.override.map((key) => `overridden by ${given.by}: ${gateNames[key]}`);
  return carry(deps, move, given.by, given.confirmed, [...overridden, ...seenBy(around)]);
}

/** A person says that a passive master may work again, where two watchers cannot say so together. */
export async function freeMaster(deps: CommandDeps, given: Of<'free'>): Promise<CommandResult> {
  if (!masterIds(deps).includes(given.master)) return result('invalid', `${given.master} is no master.`);
  const around = await lookAround(deps.watch, deps.memory, false);
  const vetoes = manualVetoes(
    situationOf(deps.watch, around.view),
    around.met.every(({ statement }) => statement !== undefined),
    given.secondWord,
  );
  if (vetoes.length > 0) return refusal(vetoes, around);
  const stands = standing(deps.watch.store.orders());
  const elsewhere = stands.kind === 'agreed' ? stands.active[given.master] : undefined;
  if (elsewhere !== undefined)
    return result('refused', `What belongs to ${given.master} is active on ${elsewhere}; return it first.`);
  await deps.free(given.master);
  const { watch } = deps;
  const sentence = `${given.by} told ${given.master} that it is active.`;
  await watch.store.tell({ at: watch.clock.now(), kind: 'command', subject: given.master, sentence, evidence: [] });
  return result('done', sentence);
}
