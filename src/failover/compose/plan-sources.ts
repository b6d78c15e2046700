/** Which zone is composed from which master. Pure: a plan from lists. What is only suspicious is reported, never acted on. */

/** What is known of one zone's signing. Unequal keys or a file that is signed already are left alone. */
export type Signing = 'unsigned' | 'equal-keys' | 'unequal-keys' | 'pre-signed';

export interface CompositionInput {
  /** Master → its zones with the account that owns each; undefined while the master cannot be asked. */
  readonly zones: ReadonlyMap<string, ReadonlyMap<string, string> | undefined>;
  /** The active master of an account. */
  activeMaster(account: string): string;
  /** Zones that are published now. */
  readonly published: ReadonlySet<string>;
  /** Zones whose removal the journal knows as done: only these are withdrawn. */
  readonly removed: ReadonlySet<string>;
  readonly signing: ReadonlyMap<string, Signing>;
}

export interface SourcePlan {
  /** Zone → the master that it is composed from. */
  readonly compose: ReadonlyMap<string, string>;
  /** Published as they are: nobody to compose them from, or something is wrong. */
  readonly keep: ReadonlySet<string>;
  readonly withdraw: ReadonlySet<string>;
  readonly reports: readonly SourceReport[];
}

export interface SourceReport {
  readonly kind: 'two-owners' | 'not-on-active' | 'gone' | 'removed-but-there' | 'keys-differ' | 'pre-signed';
  readonly zone: string;
  readonly message: string;
}

type Decision =
  | { readonly kind: 'compose'; readonly from: string }
  | { readonly kind: 'withdraw' }
  | { readonly kind: 'keep'; readonly report?: readonly [kind: SourceReport['kind'], message: string] };

function keep(kind: SourceReport['kind'], message: string): Decision {
  return { kind: 'keep', report: [kind, message] };
}

const badSigning: Readonly<Partial<Record<Signing, readonly [SourceReport['kind'], string]>>> = {
  'unequal-keys': ['keys-differ', 'Its name servers hold different keys; it is left as it is.'],
  'pre-signed': ['pre-signed', 'It is signed in its file; it is left as it is.'],
};

/** Nobody has it: only the journal's word lets it go. */
function absent(zone: string, input: CompositionInput): Decision {
  if ([...input.zones.values()].includes(undefined)) return { kind: 'keep' };
  if (input.removed.has(zone)) return { kind: 'withdraw' };
  return keep('gone', 'No master has it any more and no operation removed it; it stays published.');
}

function decide(zone: string, input: CompositionInput): Decision {
  const owners = new Map<string, string>();
  for (const [master, zones] of input.zones) {
    const account = zones?.get(zone);
    if (account !== undefined) owners.set(master, account);
  }
  const accounts = [...new Set(owners.values())];
  const [account] = accounts;
  if (account === undefined) return absent(zone, input);
  if (accounts.length > 1) return keep('two-owners', `It belongs to ${accounts.join(' and ')}; it is left as it is.`);
  if (input.removed.has(zone)) return keep('removed-but-there', 'An operation removed it, but a master has it.');
  const active = input.activeMaster(account);
  if (input.zones.get(active) === undefined) return { kind: 'keep' };
  if (!owners.has(active)) {
    return keep(
      'not-on-active',
      `${[...owners.keys()].join(', ')} has it, but not ${active}, where ${account} is active.`,
    );
  }
  const signing = badSigning[input.signing.get(zone) ?? 'unsigned'];
  return signing === undefined ? { kind: 'compose', from: active } : keep(...signing);
}

function allZones(input: CompositionInput): readonly string[] {
  const listed = [...input.zones.values()].flatMap((zones) => [...(zones?.keys() ?? [])]);
  return [...new Set([...input.published, ...listed])].sort();
}

/** The plan for every zone that is published or that any master has. A zone in none of the three sets is not published. */
export function planSources(input: CompositionInput): SourcePlan {
  const compose = new Map<string, string>();
  const kept = new Set<string>();
  const withdraw = new Set<string>();
  const reports: SourceReport[] = [];
  for (const zone of allZones(input)) {
    const decision = decide(zone, input);
    if (decision.kind === 'compose') compose.set(zone, decision.from);
    if (decision.kind === 'withdraw') withdraw.add(zone);
    if (decision.kind !== 'keep') continue;
    if (input.published.has(zone)) kept.add(zone);
    if (decision.report !== undefined) reports.push({ kind: decision.report[0], zone, message: decision.report[1] });
  }
  return { compose, keep: kept, withdraw, reports };
}
