import { z } from 'zod';
import { lookAtPackages, settingsOfShown, shownSettings } from '../../actions/package/settings.ts';
import { type Kind, noRepair, type Value } from '../model.ts';
import { oneStep, seen, text, told, unread } from './reading.ts';

const list = z.object({ pkg: z.array(z.looseObject({ name: z.string() })) });

/** Packages with every setting that Tandem can set. */
export const packageKind: Kind = {
  id: 'package',
  title: 'Packages',
  scope: 'server',
  rank: 10,
  rounds: [() => [lookAtPackages()]],
  read(_account, answers) {
    const read = told(answers, lookAtPackages(), list);
    if ('reason' in read) return unread(read.reason);
    return seen(read.value.pkg.map((p): [string, Value] => [p.name, shownSettings(p)]));
  },
  touched: (action, p) => (/^package\.(add|edit|delete)$/.test(action) ? text(p['name']) : undefined),
  repair(input) {
    const { name, from, to } = input;
    if (from.value === undefined) return oneStep(input, 'package.delete', { name }, `Delete the package ${name}`, true);
    const wanted = from.value;
    if (to.value === undefined)
      return oneStep(input, 'package.add', { name, ...settingsOfShown(wanted) }, `Add the package ${name}`);
    const there = to.value;
    const changed = Object.fromEntries(Object.entries(wanted).filter(([field, value]) => there[field] !== value));
    if (Object.keys(changed).length === 0) return noRepair('Only settings differ that Tandem does not set.');
    return oneStep(
      input,
      'package.edit',
      { name, ...settingsOfShown(changed) },
      `Set ${Object.keys(changed).join(', ')} of the package ${name}`,
    );
  },
};
