import type { GateKey, Known, ReturnFacts } from '../return-gate.ts';

/** Who knows one of the facts that a return asks for. Parts that know more register here; what nobody knows blocks. */
export interface GateProvider {
  readonly name: string;
  /** Facts about a master, where it can of these accounts alone; rejects or leaves out what it cannot tell. */
  facts(master: string, signal: AbortSignal, accounts: readonly string[]): Promise<Partial<ReturnFacts>>;
}

const unknown: ReturnFacts = {
  greenMs: 'unknown',
  oldestLegMs: 'unknown',
  legsInDoubt: 'unknown',
  holds: 'unknown',
  fileLagMs: 'unknown',
  databaseLagMs: 'unknown',
  certificatesEqual: 'unknown',
};

/** The worse of what two providers say. Unknown is worst; what only one knows counts. */
function worse<T extends number | boolean>(a: Known<T>, b: Known<T> | undefined): Known<T> {
  if (b === undefined) return a;
  if (a === 'unknown' || b === 'unknown') return b === 'unknown' ? a : b;
  if (typeof a === 'boolean') return a && b;
  return a > b ? a : b;
}

/** Asks every provider at once; a provider that fails has said nothing. */
export async function gatherFacts(
  providers: readonly GateProvider[],
  master: string,
  signal: AbortSignal,
  accounts: readonly string[] = [],
): Promise<{ readonly facts: ReturnFacts; readonly failed: readonly string[] }> {
  const answers = await Promise.allSettled(providers.map((one) => one.facts(master, signal, accounts)));
  const failed = answers.flatMap((answer, at) =>
    answer.status === 'rejected' ? [`${providers[at]?.name ?? ''}: ${String(answer.reason)}`] : [],
  );
  const told = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const facts = told.reduce<ReturnFacts>(
    (all, one) => ({
      // The greener of two is no comfort: the shorter time counts.
      greenMs: shorter(all.greenMs, one.greenMs),
      oldestLegMs: worse(all.oldestLegMs, one.oldestLegMs),
      legsInDoubt: worse(all.legsInDoubt, one.legsInDoubt),
      holds: worse(all.holds, one.holds),
      fileLagMs: worse(all.fileLagMs, one.fileLagMs),
      databaseLagMs: worse(all.databaseLagMs, one.databaseLagMs),
      certificatesEqual: worse(all.certificatesEqual, one.certificatesEqual),
    }),
    unknown,
  );
  return { facts, failed };
}

function shorter(a: Known<number>, b: Known<number> | undefined): Known<number> {
  if (b === undefined || b === 'unknown') return a;
  return a === 'unknown' ? b : Math.min(a, b);
}

/** The name of a gate as people type it: 'file-lag'. */
export const gateNames: Readonly<Record<GateKey, string>> = {
  greenMs: 'checks',
  oldestLegMs: 'backlog',
  legsInDoubt: 'doubts',
  holds: 'holds',
  fileLagMs: 'files',
  databaseLagMs: 'databases',
  certificatesEqual: 'certificates',
};
