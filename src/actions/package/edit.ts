import { z } from 'zod';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { worded } from '../raw.ts';
import { hasSettings, lookAtPackages, packageCall, readPackage, settingFields, wording } from './settings.ts';

/** editpkg. WHM carries the change to every account of the package, and takes as long as that needs. */
export const editPackage = define({
  id: 'package.edit',
  title: 'Edit package',
  audience: ['staff', 'reseller'],
  params: z.strictObject({ name: f.packageName().meta({ label: 'Name' }), ...settingFields }),
  again: 'safe',
  reversible: true,
  longestSeconds: 300,
  covers: { editpkg: worded(wording) },
  subject: (p) => ({ kind: 'package', name: p.name }),
  keys: (p) => [exclusive(`package:${p.name}`)],
  observe: () => [lookAtPackages()],
  read: (p, answers) => readPackage(answers, p.name),
  plan: (p, seen) =>
    change({
      found: seen,
      same: (found) => hasSettings(found, p),
      call: packageCall('editpkg', p.name, p),
      absent: `The package "${p.name}" does not exist.`,
    }),
});
