/** Operations that make, move or remove a home: the agents leave the account alone from before its first call. */
import { messageOf } from '../../errors.ts';
import { askAgent } from '../../filesync/remote.ts';
import type { FilesState, Watched } from '../../filesync/watch.ts';
import type { Logger } from '../../log.ts';
import type { FilesAside } from '../../operations/deps.ts';
import type { LegState, OperationView } from '../../operations/model.ts';

const askMs = 5000;
const mostRemembered = 1000;

/**
 * Tells every agent before an operation touches homes. An agent that cannot be asked holds up nothing: it is told by
 * nobody of the other side's deletions while it is away, and its brake stays.
 */
export function filesAside(watched: readonly Watched[], log: Logger): FilesAside {
  const told = new Set<string>();
  return {
    async aside(accounts, operation) {
      if (told.has(operation)) return;
      if (told.size > mostRemembered) told.clear();
      const all = accounts.flatMap((account) => watched.map((one) => ({ ...one, account })));
      const failures = await Promise.all(
        all.map(async ({ name, way, account }) => {
          try {
            const rest = ['begin', account, operation];
            await askAgent(way, { verb: 'operation', rest }, AbortSignal.timeout(askMs));
            return [];
          } catch (error) {
            return [`${name}: ${messageOf(error)}`];
          }
        }),
      );
      const failed = failures.flat();
      if (failed.length === 0) told.add(operation);
      else log.warn({ operation, accounts, reason: failed.join('; ') }, 'file sync could not be told of an operation');
    },
  };
}

const over: ReadonlySet<LegState> = new Set(['done', 'refused', 'skipped', 'withdrawn']);

/** Whether nothing of an operation is left to do on any master; one that nobody knows is over too. */
export function isOver(view: Pick<OperationView, 'legs'> | undefined): boolean {
  return view === undefined || view.legs.every(({ state }) => over.has(state));
}

/** Lets the agents go on with the accounts whose operations are over. */
export async function endFinished(
  watched: readonly Watched[],
  state: FilesState,
  get: (id: string) => Promise<OperationView | undefined>,
  signal: AbortSignal,
): Promise<void> {
  for (const { way, account, id } of workOf(watched, state)) {
    if (!isOver(await get(id))) continue;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(askMs)]);
    await askAgent(way, { verb: 'operation', rest: ['end', account, id] }, limit);
  }
}

/** Which agent believes which operation at work on which account. */
function workOf(watched: readonly Watched[], state: FilesState) {
  return watched.flatMap(({ id: master, way }) => {
    const working = state.masters.find(({ id }) => id === master)?.report?.working ?? {};
    return Object.entries(working).flatMap(([unit, ids]) =>
      ids.map((id) => ({ way, account: unit.slice(unit.indexOf('/') + 1), id })),
    );
  });
}
