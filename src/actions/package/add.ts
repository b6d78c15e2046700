import { z } from 'zod';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { create } from '../plans.ts';
import { worded } from '../raw.ts';
import { hasSettings, lookAtPackages, packageCall, readPackage, settingFields, wording } from './settings.ts';

/** addpkg. Always with a shared address: dedicated ones are given out in pairs, not by packages. */
export const addPackage = define({
  id: 'package.add',
  title: 'Add package',
  audience: ['staff', 'reseller'],
  params: z.strictObject({ name: f.packageName().meta({ label: 'Name' }), ...settingFields }),
  again: 'read back',
  covers: { addpkg: worded(wording) },
  subject: (p) => ({ kind: 'package', name: p.name }),
  keys: (p) => [exclusive(`package:${p.name}`)],
  observe: () => [lookAtPackages()],
  read: (p, answers) => readPackage(answers, p.name),
  plan: (p, seen, place) =>
    create(place, {
      found: seen,
      same: (found) => hasSettings(found, p),
      call: packageCall('addpkg', p.name, p),
      exists: `The package "${p.name}" already exists.`,
    }),
});
