import { oneLine } from '../checks/kind.ts';
import type { Command, CommandResult } from '../control/schema.ts';
import type { Outcome, Publish, PublishOrder } from '../publish/model.ts';
import { standing } from '../verdict/orders.ts';
import { placesOfKind } from '../verdict/topology.ts';
import { whereNow } from '../watch/carry.ts';
import { lookAround } from '../watch/turn.ts';
import { type CommandDeps, result } from './deps.ts';
import { isStillIn, type LoginSeen, signIn } from './logins.ts';
import { wouldPublish } from './move.ts';

/** A drill: a switch and a return played on chosen zones, or only counted, with the seconds of each step. No order is written. */

type Drill = Extract<Command, { command: 'drill' }>;

interface Timed {
  readonly name: string;
  readonly seconds: number;
}

/** Adds a step's seconds, by the watcher's clock. */
async function timed<T>(deps: CommandDeps, steps: Timed[], name: string, work: () => Promise<T>): Promise<T> {
  const begun = deps.watch.clock.now();
  const done = await work();
  steps.push({ name, seconds: (deps.watch.clock.now() - begun) / 1000 });
  return done;
}

/** Where the zones are now, and where the drill takes them. */
function ordersOf(deps: CommandDeps): { readonly now: PublishOrder; readonly away: PublishOrder } | undefined {
  const { watch, carrier } = deps;
  const ids = placesOfKind(watch.topology, 'master').map(({ id }) => id);
  const stands = standing(watch.store.orders());
  if (stands.kind === 'conflict') return undefined;
  const active = whereNow(watch.store, stands, ids[0] ?? '');
  const other = ids.find((id) => id !== active.pair);
  const away = other === undefined ? undefined : wouldPublish(deps, { kind: 'switch', from: active.pair, to: other });
  if (away === undefined) return undefined;
  const base = { epoch: stands.epoch, node: watch.self, parents: stands.parents, instant: watch.clock.now() };
  return { now: carrier.wanted() ?? { ...base, active }, away: { ...base, active: away.active } };
}

interface Orders {
  readonly now: PublishOrder;
  readonly away: PublishOrder;
}

async function play(
  deps: CommandDeps,
  publish: Publish,
  orders: Orders,
  only: ReadonlySet<string>,
  { steps, between }: { readonly steps: Timed[]; readonly between: () => Promise<void> },
): Promise<readonly Outcome[]> {
  const signal = AbortSignal.timeout(120_000);
  const there = await timed(deps, steps, 'switch', () => publish.bring(orders.away, signal, { only }));
  await between();
  // Whatever came of the way there, the zones go back; the serials go on rising.
  const home = { ...orders.now, instant: deps.watch.clock.now() };
  const back = await timed(deps, steps, 'return', () => publish.bring(home, AbortSignal.timeout(120_000), { only }));
  return [there, back];
}

function lines(steps: readonly Timed[], outcomes: readonly Outcome[]): readonly string[] {
  return [
    ...steps.map(({ name, seconds }) => `${name}: ${seconds.toFixed(2)} s`),
    ...outcomes.flatMap(({ sentence, steps: parts, stragglers }) => [
      sentence,
      ...parts.map(({ name, seconds }) => `  ${name}: ${seconds.toFixed(2)} s`),
      ...stragglers.map((one) => one.sentence),
    ]),
  ];
}

/** How the history tells a drill that moved names from one that only counted. */
function stateOf(real: boolean, well: boolean): string {
  if (!real) return 'dry';
  return well ? 'done' : 'failed';
}

/** How many logins survived, as the end of a sentence; '' where none was tried. */
function survived(logins: readonly LoginSeen[]): string {
  if (logins.length === 0) return '';
  const well = logins.filter(({ outcome }) => outcome === 'survived').length;
  const untested = logins.filter(({ outcome }) => outcome === 'untested').length;
  const rest = untested === 0 ? '' : `, ${untested} could not be tried`;
  return ` ${well} of ${logins.length} ${logins.length === 1 ? 'login' : 'logins'} survived${rest}.`;
}

function loginLine(when: string, { name, outcome, sentence }: LoginSeen): string {
  return oneLine(`login ${name}${when}: ${outcome}: ${sentence}`, 400);
}

/** Signs in where things are active, and asks there what becomes of it elsewhere. */
async function tryLogins(deps: CommandDeps, given: Drill, { now, away }: Orders, steps: Timed[]) {
  const around = { clock: deps.watch.clock, addressOf: deps.addressOf };
  const [from, to] = [now.active.pair, away.active.pair];
  const signedIn =
    given.logins.length === 0
      ? []
      : await timed(deps, steps, 'sign in', () => Promise.all(given.logins.map((one) => signIn(around, one, from))));
  const ask = (master: string): Promise<readonly LoginSeen[]> =>
    Promise.all(signedIn.map((one) => isStillIn(around, one, master)));
  return { there: () => ask(to), back: () => ask(from) };
}

/** The drill itself; zones are moved only where they are named and it is real. */
async function carryThrough(deps: CommandDeps, publish: Publish, orders: Orders, given: Drill) {
  const only = given.zones.length === 0 ? undefined : new Set(given.zones.map((zone) => zone.replace(/\.$/, '')));
  const steps: Timed[] = [];
  const around = await timed(deps, steps, 'ask everybody', () => lookAround(deps.watch, deps.memory, true));
  const foreseen = await timed(deps, steps, 'read and count', () =>
    publish.predict(orders.away, only === undefined ? {} : { only }),
  );
  const logins = await tryLogins(deps, given, orders, steps);
  let there: readonly LoginSeen[] = [];
  const between = async (): Promise<void> => {
    there = await logins.there();
  };
  const isReal = given.real && only !== undefined;
  const outcomes = isReal ? await play(deps, publish, orders, only, { steps, between }) : [];
  if (!isReal) await between();
  const back = isReal ? await logins.back() : [];
  const silent = around.met.flatMap(({ id, why }) => (why === undefined ? [] : [`${id} does not answer: ${why}`]));
  return { steps, foreseen, outcomes, there, back, silent };
}

/** `tandem failover drill`: dry unless it says real, and real only on zones that are named. */
export async function drill(deps: CommandDeps, given: Drill): Promise<CommandResult> {
  const { publish } = deps;
  const orders = ordersOf(deps);
  if (publish === undefined) return result('refused', 'No name servers are configured here: there is nothing to play.');
  if (orders === undefined) return result('refused', 'Orders contradict each other, or there is no other master.');
  if (given.real && given.zones.length === 0) {
    return result('invalid', 'Name the zones of a real drill: --zone NAME. For all of them: switch, then return.');
  }
  const { steps, foreseen, outcomes, there, back, silent } = await carryThrough(deps, publish, orders, given);
  const counted = `${foreseen.counts.changed} of ${foreseen.counts.zones} zones would change (${foreseen.counts.values} values).`;
  const well = outcomes.every(({ kind }) => kind === 'done');
  const moved = given.real
    ? `The drill ${well ? 'went well' : 'did not go well'}: ${given.zones.length} zones there and back.`
    : `A dry drill: nothing was changed. ${counted}`;
  const sentence = `${moved}${survived(there)}`;
  const { watch } = deps;
  const said = [
    ...lines(steps, outcomes),
    ...there.map((one) => loginLine('', one)),
    ...back.map((one) => loginLine(', after the return', one)),
  ];
  await watch.store.tell({
    at: watch.clock.now(),
    kind: 'command',
    subject: 'drill',
    sentence: `${given.by}: ${sentence}`,
    state: stateOf(given.real, well),
    evidence: said.slice(0, 100),
  });
  return result(well ? 'done' : 'waiting', sentence, [...said, ...silent], {
    steps,
    outcomes,
    counts: foreseen.counts,
    logins: { there, back },
  });
}
