import type { Clock } from '../clock.ts';
import { messageOf, Refused } from '../errors.ts';
import { type WhmCall, whm } from '../whm/call.ts';
import type { Json, Owned, Side } from './model.ts';
import { at } from './steps/build.ts';
import { isThere } from './throwaway.ts';

/** Packages and tokens as lists show them, so that nothing is asked to go that is not there. */
async function listed(side: Side, call: WhmCall, names: (data: unknown) => Json): Promise<readonly string[]> {
  const outcome = await side.call(call);
  if (outcome.kind !== 'done') throw new Refused(`${call.fn} is ${outcome.kind}: ${outcome.reason}`);
  const found = names(outcome.data);
  return Array.isArray(found) ? found.map(String) : Object.keys(Object(found));
}

function packagesOf(data: unknown): Json {
  const list = at(data, 'pkg');
  return Array.isArray(list) ? list.map((one: Json) => at(one, 'name')) : [];
}

interface Removal {
  there(): Promise<boolean>;
  readonly call: WhmCall;
  readonly said: string;
}

function removalOf(side: Side, thing: Owned): Removal {
  switch (thing.kind) {
    case 'account':
      return {
        there: () => isThere(side, thing.user, thing.domain),
        call: whm('removeacct', { username: thing.user, keepdns: 0 }),
        said: `account ${thing.user}`,
      };
    case 'package':
      return {
        there: async () => (await listed(side, whm('listpkgs'), packagesOf)).includes(thing.name),
        call: whm('killpkg', { pkgname: thing.name }),
        said: `package ${thing.name}`,
      };
    case 'token':
      return {
        there: async () => (await listed(side, whm('api_token_list'), (d) => at(d, 'tokens'))).includes(thing.name),
        call: whm('api_token_revoke', { token_name: thing.name }),
        said: `API token ${thing.name}`,
      };
    case 'feature list':
      return {
        there: async () => {
          const lists = await listed(side, whm('get_featurelists'), (d) => at(d, 'featurelists'));
          return lists.includes(thing.name);
        },
        call: whm('delete_featurelist', { featurelist: thing.name }),
        said: `feature list ${thing.name}`,
      };
  }
}

export interface CleanUpOptions {
  readonly clock: Clock;
  /** Between looks, when the server is out of order or an effect may still come. */
  readonly pauseMs: number;
  /** How many looks at most. */
  readonly looks: number;
  /** How many looks where an account may still come into being, because its creation was in doubt. */
  readonly lateLooks: number;
}

/** One look, and the removal of what is there: 'gone', or why it may not be. */
async function attempt(side: Side, removal: Removal): Promise<string> {
  try {
    if (!(await removal.there())) return 'gone';
    const outcome = await side.call(removal.call);
    if (!(await removal.there())) return 'gone';
    return outcome.kind === 'done' ? 'the server says that it was removed' : outcome.reason;
  } catch (error) {
    // The next look may be answered; the last one's failure is told.
    return messageOf(error);
  }
}

async function takeAway(side: Side, removal: Removal, isLate: boolean, options: CleanUpOptions) {
  const { clock, pauseMs, looks, lateLooks } = options;
  let state = '';
  for (let look = 1; look <= (isLate ? lateLooks : looks); look += 1) {
    if (look > 1) await clock.sleep(pauseMs);
    state = await attempt(side, removal);
    if (state === 'gone' && !isLate) break;
  }
  return state === 'gone' ? undefined : `the ${removal.said} may still be there: ${state}`;
}

/**
 * Takes away everything that the run made, newest first, also when calls fail: each thing is looked at before and after.
 * `isLate`: an account may still come, so it is waited for. Returns a sentence for each thing that may be left.
 */
export async function cleanUp(
  side: Side,
  owned: readonly Owned[],
  isLate: boolean,
  options: CleanUpOptions,
): Promise<readonly string[]> {
  const left: string[] = [];
  let mayCome = isLate;
  for (const thing of owned) {
    const waits = mayCome && thing.kind === 'account';
    const why = await takeAway(side, removalOf(side, thing), waits, options);
    // The time that was waited for one account has passed for the others too.
    if (waits) mayCome = false;
    if (why !== undefined) left.push(why);
  }
  return left;
}
