import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { remove } from '../plans.ts';
import { worded } from '../raw.ts';
import { lookAtPackages, readPackage } from './settings.ts';

/** killpkg. WHM refuses while accounts use the package. */
export const deletePackage = define({
  id: 'package.delete',
  title: 'Delete package',
  audience: ['staff', 'reseller'],
  params: z.strictObject({ name: f.packageName().meta({ label: 'Name' }) }),
  again: 'read back',
  covers: { killpkg: worded({ names: { pkgname: 'name', pkg: 'name' } }) },
  subject: (p) => ({ kind: 'package', name: p.name }),
  keys: (p) => [exclusive(`package:${p.name}`)],
  observe: () => [lookAtPackages()],
  read: (p, answers) => readPackage(answers, p.name),
  plan: (p, seen, place) =>
    remove(place, {
      found: seen !== undefined,
      call: whm('killpkg', { pkgname: p.name }),
      absent: `The package "${p.name}" does not exist.`,
    }),
});
