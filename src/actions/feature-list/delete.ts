import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { remove } from '../plans.ts';
import { lookAtFeatures, readFeatures } from './features.ts';

/** delete_featurelist. WHM refuses while a package names the list. */
export const deleteFeatureList = define({
  id: 'feature-list.delete',
  title: 'Delete feature list',
  audience: ['staff'],
  params: z.strictObject({ name: f.name().meta({ label: 'Name' }) }),
  again: 'read back',
  subject: () => ({ kind: 'server' }),
  keys: (p) => [exclusive(`feature-list:${p.name}`)],
  observe: (p) => lookAtFeatures(p.name),
  read: (p, answers) => readFeatures(answers, p.name),
  plan: (p, seen, place) =>
    remove(place, {
      found: seen !== undefined,
      call: whm('delete_featurelist', { featurelist: p.name }),
      absent: `The feature list “${p.name}” does not exist.`,
    }),
});
