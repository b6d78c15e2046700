import type { Drift } from '../../src/drift/index.ts';
import type { Finding } from '../../src/drift/model.ts';
import { NotFound } from '../../src/errors.ts';

/** A difference on bob's account that M1 alone has. */
export const oddRecord: Finding = {
  id: '01BBBBBBBBBBBBBBBBBBBBBBBB',
  kind: 'record',
  account: 'bob',
  name: 'shop.bob.example A',
  sides: [
    { master: 'm1', value: { data: '192.0.2.9' } },
    { master: 'm2', value: undefined },
  ],
  sentence: 'shop.bob.example A: only M1 has it, M2 does not',
  state: 'open',
  firstSeen: 0,
  lastSeen: 0,
  endedAt: undefined,
  origin: undefined,
  expects: undefined,
  repairOperation: undefined,
  acceptedBy: undefined,
};

export interface FakeDrift extends Drift {
  /** What was asked for that would change something, by name. */
  readonly decided: readonly string[];
}

/** Drift with one finding, for pages: what it decides is kept, and nothing is done. */
export function fakeDrift(finding: Finding): FakeDrift {
  const decided: string[] = [];
  const decide = <T>(what: string, answer: T): Promise<T> => {
    decided.push(what);
    return Promise.resolve(answer);
  };
  return {
    decided,
    scan: () => decide('scan', 'run'),
    scanAccount: () => decide('scanAccount', undefined),
    isDue: async () => false,
    run: async () => undefined,
    runs: async () => [],
    list: async () => [finding],
    counts: async () => ({ [finding.kind]: 1 }),
    async show(id) {
      if (id !== finding.id) throw new NotFound(`there is no difference ${id}`);
      return finding;
    },
    preview: async () => ({ each: [{ finding, from: 'm1', steps: [], objections: [] }], brakes: [] }),
    repair: () => decide('repair', []),
    accept: () => decide('accept', [finding]),
    certificates: async () => ({ inStep: true, differing: 0, ending: [], at: undefined }),
    async adopt() {
      throw new NotFound('no account is adopted here');
    },
  };
}
