import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { idsOf, lookAtFeatures, readFeatures } from './features.ts';

/** update_featurelist: features that are not named stay as they are. Every account whose package names the list feels it. */
export const editFeatureList = define({
  id: 'feature-list.edit',
  title: 'Edit feature list',
  audience: ['staff'],
  params: z
    .strictObject({
      name: f.name().meta({ label: 'Name' }),
      on: f.featureIds().optional().meta({ label: 'Switch on', placeholder: 'cron, mysql', help: 'Ids of features.' }),
      off: f.featureIds().optional().meta({ label: 'Switch off', placeholder: 'ssh', help: 'Ids of features.' }),
    })
    .superRefine(({ on, off }, context) => {
      const both = idsOf(on).find((id) => idsOf(off).includes(id));
      if (both !== undefined)
        context.addIssue({ code: 'custom', path: ['off'], message: `${both} cannot be switched on and off at once` });
      if (idsOf(on).length + idsOf(off).length === 0)
        context.addIssue({ code: 'custom', path: ['on'], message: 'Name at least one feature.' });
    }),
  again: 'safe',
  reversible: true,
  subject: () => ({ kind: 'server' }),
  keys: (p) => [exclusive(`feature-list:${p.name}`)],
  observe: (p) => lookAtFeatures(p.name),
  read: (p, answers) => readFeatures(answers, p.name),
  plan(p, seen) {
    const wanted = [
      ...idsOf(p.on).map((id): [string, boolean] => [id, true]),
      ...idsOf(p.off).map((id): [string, boolean] => [id, false]),
    ];
    return change({
      found: seen,
      // A feature that this master does not know cannot be on here, and need not be off.
      same: (found) => wanted.every(([id, on]) => (found.get(id) ?? false) === on),
      call: whm('update_featurelist', {
        featurelist: p.name,
        ...Object.fromEntries(wanted.map(([id, on]) => [id, on ? 1 : 0])),
      }),
      absent: `The feature list “${p.name}” does not exist.`,
    });
  },
});
