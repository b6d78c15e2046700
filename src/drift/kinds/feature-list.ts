import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { type Answers, type Kind, noRepair, type Repair, repairs, type Value } from '../model.ts';
import { seen, sofar, text, told, unread } from './reading.ts';

const names = z.object({ featurelists: z.array(z.string()) });
const row = z.object({ id: z.string(), value: z.union([z.number(), z.string()]) });
const data = z.object({ features: z.array(row) });
const askNames = () => whm('get_featurelists');
const ask = (name: string) => whm('get_featurelist_data', { featurelist: name });

function listed(answers: Answers): readonly string[] {
  return sofar(answers, askNames(), names, { featurelists: [] }).featurelists;
}

function features(value: Value | undefined, which: 'on' | 'off'): readonly string[] {
  const all = value?.[which] ?? '';
  return all === '' ? [] : all.split(', ');
}

/** Feature lists: which features each gives and withholds. */
export const featureListKind: Kind = {
  id: 'feature-list',
  title: 'Feature lists',
  scope: 'server',
  rank: 5,
  rounds: [() => [askNames()], (_account, answers) => listed(answers).map(ask)],
  read(_account, answers) {
    const all = told(answers, askNames(), names);
    if ('reason' in all) return unread(all.reason);
    const things: [string, Value][] = [];
    for (const name of all.value.featurelists) {
      const read = told(answers, ask(name), data);
      if ('reason' in read) return unread(read.reason);
      const withValue = (on: boolean) =>
        read.value.features
          .filter((f) => (Number(f.value) === 1) === on)
          .map((f) => f.id)
          .sort()
          .join(', ');
      things.push([name, { on: withValue(true), off: withValue(false) }]);
    }
    return seen(things);
  },
  touched(action, p) {
    if (action.startsWith('feature-list.')) return text(p['name']);
    if (action !== 'whm.call' || !/^(create|update|delete)_featurelist$/.test(text(p['function']))) return undefined;
    const args = z.array(z.tuple([z.string(), z.string()])).safeParse(p['args']);
    return args.data?.find(([name]) => name === 'featurelist')?.[1];
  },
  repair(input) {
    const { name, from, to } = input;
    if (from.value === undefined)
      return noRepair(
        'A feature list is not removed by a repair: a package may use it. Delete it in WHM if it is not wanted.',
      );
    const there = new Set(features(to.value, 'on'));
    const missing = new Set(features(to.value, 'off'));
    const changed = [
      ...features(from.value, 'on')
        .filter((id) => !there.has(id))
        .map((id): [string, string] => [id, '1']),
      ...features(from.value, 'off')
        .filter((id) => !missing.has(id))
        .map((id): [string, string] => [id, '0']),
    ];
    const step = (fn: string, args: readonly (readonly [string, string])[], sentence: string): Repair => ({
      action: 'whm.call',
      params: { function: fn, args: [['featurelist', name], ...args] },
      only: [to.master],
      removes: false,
      sentence,
    });
    return repairs(
      ...(to.value === undefined ? [step('create_featurelist', [], `Make the feature list ${name}`)] : []),
      step('update_featurelist', changed, `Set ${changed.length} features of the feature list ${name}`),
    );
  },
};
