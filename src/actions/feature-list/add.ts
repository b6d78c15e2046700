import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { create } from '../plans.ts';
import { lookAtFeatures, readFeatures } from './features.ts';

/** create_featurelist. A new list has every feature on; `feature-list.edit` switches some off. */
export const addFeatureList = define({
  id: 'feature-list.add',
  title: 'Add feature list',
  audience: ['staff'],
  params: z.strictObject({ name: f.name().meta({ label: 'Name' }) }),
  again: 'read back',
  subject: () => ({ kind: 'server' }),
  keys: (p) => [exclusive(`feature-list:${p.name}`)],
  observe: (p) => lookAtFeatures(p.name),
  read: (p, answers) => readFeatures(answers, p.name),
  plan: (p, seen, place) =>
    create(place, {
      found: seen,
      same: () => true,
      call: whm('create_featurelist', { featurelist: p.name }),
      exists: `The feature list “${p.name}” already exists.`,
    }),
});
