import { type PlacementDesk, placed, type Said } from '../../src/operations/placement.ts';

/** Where accounts belong, in memory: nothing is checked, and the watchers have nobody waiting but bob. */
export function fakePlacement(): PlacementDesk {
  const kept = new Map<string, Said>();
  const of = async (account: string, plan: string) =>
    placed(kept.get(`account:${account}`) ?? {}, kept.get(`package:${plan}`) ?? {}, 'm1');
  return {
    of,
    ofPackages: async (plans) =>
      new Map(plans.map((plan) => [plan, placed({}, kept.get(`package:${plan}`) ?? {}, 'm1')] as const)),
    said: async ({ kind, name }) => kept.get(`${kind}:${name}`) ?? {},
    say: async ({ kind, name }, said) => void kept.set(`${kind}:${name}`, said),
    choose: async (account, _plan, preferred) => void kept.set(`account:${account}`, { preferred }),
    wish: async () => ({ homes: {}, unprotected: [] }),
    withoutFileSync: async () => [],
    withoutOwnNames: async () => [],
  };
}

export const bobWaits = () => ({ accounts: ['bob'], why: 'The gate to m2 is closed.' });
