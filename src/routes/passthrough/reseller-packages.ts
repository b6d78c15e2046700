/** What a package of a reseller's making may hold, by the privileges that the masters give it. */
import { Refused } from '../../errors.ts';

type Params = Readonly<Record<string, unknown>>;

interface Rule {
  readonly privilege: string;
  readonly param: string;
  /** Whether a value goes beyond what everybody may; `isNew`: undefined stands for WHM's default of a new package. */
  readonly breaks: (value: string | undefined, isNew: boolean) => boolean;
  readonly what: string;
}

const isUnlimited = (value: string): boolean => ['unlimited', '0', ''].includes(value.toLowerCase());
const isOn = (value: string | undefined): boolean => /^(1|y|yes|true)$/i.test(value ?? '');
const isSome = (value: string | undefined): boolean => value !== undefined && value !== '0';

const rules: readonly Rule[] = [
  {
    privilege: 'allow-unlimited-disk-pkgs',
    param: 'quotaMb',
    // Left out, a new package has no quota.
    breaks: (value, isNew) => (value === undefined ? isNew : isUnlimited(value)),
    what: 'an unlimited disk quota',
  },
  {
    privilege: 'allow-unlimited-bw-pkgs',
    param: 'bandwidthMb',
    breaks: (value) => value !== undefined && isUnlimited(value),
    what: 'unlimited bandwidth',
  },
  { privilege: 'add-pkg-shell', param: 'shell', breaks: isOn, what: 'shell access' },
  { privilege: 'allow-parkedcreate', param: 'maxAliases', breaks: isSome, what: 'parked domains' },
  { privilege: 'allow-addoncreate', param: 'maxAddons', breaks: isSome, what: 'addon domains' },
];

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

/** Throws Refused when the package would hold what the reseller must not give. Nothing known: the masters' root decides. */
export function checkPackage(privileges: ReadonlySet<string> | undefined, params: Params, isNew: boolean): void {
  if (privileges === undefined || privileges.has('all')) return;
  const broken = rules.find(
    (rule) => !privileges.has(rule.privilege) && rule.breaks(textOf(params[rule.param]), isNew),
  );
  if (broken !== undefined) throw new Refused(`You do not have permission to create packages with ${broken.what}.`);
}
