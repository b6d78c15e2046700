import { z } from 'zod';
import { numeric } from '../../actions/answers.ts';
import { whm } from '../../whm/call.ts';
import { type Answers, type Kind, noRepair, type Repair, repairs, type Value } from '../model.ts';
import { seen, sofar, text, told, unread } from './reading.ts';

const names = z.object({ reseller: z.array(z.string()) });
const limit = z.union([numeric, z.null()]).nullish();
const counts = z.object({ reseller: z.object({ limit }) });
const stats = z.object({
  reseller: z.object({ diskquota: limit, bandwidthlimit: limit, diskoverselling: limit, bwoverselling: limit }),
});
const askNames = () => whm('listresellers');
const askCounts = (user: string) => whm('acctcounts', { user });
const askStats = (user: string) => whm('resellerstats', { user });

function listed(answers: Answers): readonly string[] {
  return sofar(answers, askNames(), names, { reseller: [] }).reseller;
}

function shown(value: number | null | undefined): string {
  return typeof value === 'number' && value > 0 ? String(value) : 'none';
}

function yes(value: number | null | undefined): string {
  return value === 1 ? 'yes' : 'no';
}

/** setresellerlimits' arguments. */
function limitsOf(name: string, v: Value): readonly (readonly [string, string])[] {
  const [most, disk, traffic] = [v['most accounts'], v['disk (MB)'], v['traffic (MB)']].map((one) => one ?? 'none');
  const set = (arg: string, value: string | undefined): (readonly [string, string])[] =>
    value === undefined || value === 'none' ? [] : [[arg, value]];
  const flag = (on: boolean) => (on ? '1' : '0');
  return [
    ['user', name],
    ['enable_account_limit', flag(most !== 'none')],
    ...set('account_limit', most),
    ['enable_resource_limits', flag(disk !== 'none' || traffic !== 'none')],
    ...set('diskspace_limit', disk),
    ...set('bandwidth_limit', traffic),
    ['enable_overselling_diskspace', flag(v['may oversell disk'] === 'yes')],
    ['enable_overselling_bandwidth', flag(v['may oversell traffic'] === 'yes')],
  ];
}

/** Resellers and their limits. WHM has no call that tells which privileges a reseller has, so those are not compared. */
export const resellerKind: Kind = {
  id: 'reseller',
  title: 'Resellers',
  scope: 'server',
  rank: 25,
  rounds: [
    () => [askNames()],
    (_account, answers) => listed(answers).flatMap((user) => [askCounts(user), askStats(user)]),
  ],
  read(_account, answers) {
    const all = told(answers, askNames(), names);
    if ('reason' in all) return unread(all.reason);
    const things: [string, Value][] = [];
    for (const user of all.value.reseller) {
      const [count, stat] = [told(answers, askCounts(user), counts), told(answers, askStats(user), stats)];
      if ('reason' in count) return unread(count.reason);
      if ('reason' in stat) return unread(stat.reason);
      const r = stat.value.reseller;
      things.push([
        user,
        {
          'most accounts': shown(count.value.reseller.limit),
          'disk (MB)': shown(r.diskquota),
          'traffic (MB)': shown(r.bandwidthlimit),
          'may oversell disk': yes(r.diskoverselling),
          'may oversell traffic': yes(r.bwoverselling),
        },
      ]);
    }
    return seen(things);
  },
  accountOf: () => undefined,
  touched(action, p) {
    if (action === 'account.create' && p['reseller'] === true) return text(p['account']);
    if (action !== 'whm.call' || !/^(un)?setupreseller$|^setresellerlimits$/.test(text(p['function'])))
      return undefined;
    const args = z.array(z.tuple([z.string(), z.string()])).safeParse(p['args']);
    return args.data?.find(([name]) => name === 'user')?.[1];
  },
  repair({ name, from, to }) {
    if (from.value === undefined)
      return noRepair(
        `Reseller rights are not taken away by a repair: accounts may belong to ${name}. Take them away in WHM if they are not wanted.`,
      );
    const step = (fn: string, args: readonly (readonly [string, string])[], sentence: string): Repair => ({
      action: 'whm.call',
      params: { function: fn, args },
      only: [to.master],
      removes: false,
      sentence,
    });
    const limits = limitsOf(name, from.value);
    return repairs(
      ...(to.value === undefined
        ? [step('setupreseller', [['user', name]], `Give ${name} reseller rights; its privileges must be set in WHM`)]
        : []),
      step('setresellerlimits', limits, `Set the limits of the reseller ${name}`),
    );
  },
};
