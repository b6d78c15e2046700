/** Packages, which the throw-away account needs. */
import { whm } from '../../whm/call.ts';
import type { Step } from '../model.ts';
import { does, refuses } from './build.ts';

const unlimited = 'unlimited';

export const packageSteps: readonly Step[] = [
  does(
    {
      id: 'packages.add',
      assumption: 'addpkg makes a package; listpkgs shows its limits in upper case; made twice it is refused.',
      action: 'package.add',
      params: (v) => ({
        name: v.package,
        quotaMb: 500,
        bandwidthMb: 1000,
        maxAliases: unlimited,
        maxAddons: unlimited,
        maxMailboxes: 20,
        maxDatabases: unlimited,
        maxFtp: unlimited,
        maxSubdomains: unlimited,
      }),
      before: ({ own, values: v }) => own({ kind: 'package', name: v.package }),
      repeated: 'refused',
      expect: { again: 'refused' },
    },
    { needs: 'nothing', checks: ['wire.units'] },
  ),
  does(
    {
      id: 'packages.add-small',
      assumption: 'A package may allow one of everything.',
      action: 'package.add',
      params: (v) => ({
        name: v.small,
        quotaMb: 100,
        maxAliases: 1,
        maxAddons: 1,
        maxMailboxes: 1,
        maxDatabases: 1,
        maxFtp: 1,
        maxSubdomains: 1,
      }),
      before: ({ own, values: v }) => own({ kind: 'package', name: v.small }),
    },
    { needs: 'nothing' },
  ),
  does(
    {
      id: 'packages.edit',
      assumption: 'editpkg changes what it is given and nothing else.',
      action: 'package.edit',
      params: (v) => ({ name: v.package, maxLists: 3 }),
      repeated: 'done',
      expect: { again: 'settled' },
    },
    { needs: 'nothing' },
  ),
  does(
    {
      id: 'features.add',
      assumption: 'create_featurelist makes a list with every feature on; made twice it is refused.',
      action: 'feature-list.add',
      params: (v) => ({ name: `${v.package}list` }),
      before: ({ own, values: v }) => own({ kind: 'feature list', name: `${v.package}list` }),
      repeated: 'refused',
      expect: { again: 'refused' },
    },
    { needs: 'nothing' },
  ),
  does(
    {
      id: 'features.edit',
      assumption: 'update_featurelist sets the features that are named, and leaves the others as they are.',
      action: 'feature-list.edit',
      params: (v) => ({ name: `${v.package}list`, off: 'ssh' }),
      repeated: 'done',
      expect: { again: 'settled' },
    },
    { needs: 'nothing' },
  ),
  does(
    {
      id: 'features.remove',
      assumption: 'delete_featurelist removes a list that no package names.',
      action: 'feature-list.delete',
      params: (v) => ({ name: `${v.package}list` }),
      repeated: 'refused',
    },
    { needs: 'nothing' },
  ),
  refuses(
    {
      id: 'packages.remove-absent',
      assumption: 'killpkg of a name that is not there is refused.',
      call: (v) => whm('killpkg', { pkgname: `${v.package}none` }),
      text: /./u,
    },
    { kind: 'write' },
  ),
];

/** Once no account uses them. */
export const packageEnd: readonly Step[] = [
  does(
    {
      id: 'packages.remove',
      assumption: 'killpkg removes a package that no account uses.',
      action: 'package.delete',
      params: (v) => ({ name: v.small }),
      repeated: 'refused',
    },
    { needs: 'nothing' },
  ),
];

/** While the account uses it. */
export const packageInUse: Step = refuses(
  {
    id: 'packages.in-use',
    assumption: 'killpkg refuses while accounts use the package.',
    call: (v) => whm('killpkg', { pkgname: v.package }),
    text: /./u,
  },
  { needs: 'account', kind: 'write' },
);
