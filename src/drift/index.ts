/** Drift as the doors see it: ask for a scan, list and show findings, repair, accept. */
import type { Actor } from '../auth/actor.ts';
import { NotAllowed, NotFound } from '../errors.ts';
import type { Deps } from '../operations/deps.ts';
import type { Door, Operations } from '../operations/model.ts';
import { type Adopted, type AdoptRequest, adopt } from './adopt.ts';
import {
  acceptAsWanted,
  findingsById,
  type Previews,
  preview,
  type Repaired,
  type RepairRequest,
  repair,
} from './apply.ts';
import { type CertificateState, certificatesInStep } from './certificates.ts';
import { countFindings, type FindingFilter, listFindings } from './findings.ts';
import type { Finding } from './model.ts';
import { askForAccount, askForRun, lastRuns, type Run, runById } from './runs.ts';
import type { Limits } from './safety.ts';

export interface DriftDeps {
  readonly core: Deps;
  readonly operations: Operations;
  readonly limits: Limits;
  /** Durable before it resolves. */
  readonly audit: (actor: Actor, what: string, about: string) => Promise<void>;
}

export interface Drift {
  /** Asks for a scan of everything; the id of the run, which a worker carries out. */
  scan(actor: Actor): Promise<string>;
  /** Asks for a look at one account. */
  scanAccount(account: string, actor: Actor): Promise<void>;
  /** Whether an account still waits to be looked at. */
  isDue(account: string): Promise<boolean>;
  run(id: string): Promise<Run | undefined>;
  runs(limit: number): Promise<readonly Run[]>;
  list(filter?: FindingFilter): Promise<readonly Finding[]>;
  counts(): Promise<Readonly<Record<string, number>>>;
  show(id: string): Promise<Finding>;
  preview(ids: readonly string[], from: string | undefined, meant?: boolean): Promise<Previews>;
  repair(request: RepairRequest): Promise<readonly Repaired[]>;
  accept(ids: readonly string[], actor: Actor, door: Door): Promise<readonly Finding[]>;
  /** What the return gate asks of certificates. */
  certificates(): Promise<CertificateState>;
  /** Carries an account that one master alone has to the others; waits for its operations. */
  adopt(request: AdoptRequest): Promise<Adopted>;
}

/** Who may do what staff of this rank may, over everything. Throws NotAllowed. */
function staffOnly(actor: Actor): void {
  if (actor.scope !== 'all') throw new NotAllowed('differences between the masters are for staff');
  if (actor.role === 'read-only' || actor.role === 'auditor')
    throw new NotAllowed(`the role ${actor.role} may look and not decide`);
}

export function openDrift({ core, operations, limits, audit }: DriftDeps): Drift {
  const apply = { ...core, operations, limits };
  return {
    async scan(actor) {
      staffOnly(actor);
      await audit(actor, 'drift.scan', 'everything');
      return askForRun(core, 'asked', actor.name);
    },
    async scanAccount(account, actor) {
      staffOnly(actor);
      await askForAccount(core, account, `asked by ${actor.name}`);
    },
    async isDue(account) {
      const row = await core.journal.read((db) =>
        db.selectFrom('drift_due').select('account').where('account', '=', account).executeTakeFirst(),
      );
      return row !== undefined;
    },
    run: (id) => runById(core, id),
    runs: (limit) => lastRuns(core, limit),
    list: (filter) => listFindings(core, filter),
    counts: () => countFindings(core),
    async show(id) {
      const [finding] = await findingsById(core, [id]);
      if (finding === undefined) throw new NotFound(`there is no difference ${id}`);
      return finding;
    },
    preview: (ids, from, meant = false) => preview(apply, ids, from, meant),
    async repair(request) {
      staffOnly(request.actor);
      await audit(
        request.actor,
        'drift.repair',
        `${request.ids.join(' ')}${request.from === undefined ? '' : ` from ${request.from}`}${request.meant === true ? ', the brake was lifted' : ''}`,
      );
      return repair(apply, request);
    },
    async accept(ids, actor) {
      staffOnly(actor);
      await audit(actor, 'drift.accept', ids.join(' '));
      return acceptAsWanted(core, ids, actor);
    },
    certificates: () => certificatesInStep(core),
    async adopt(request) {
      staffOnly(request.actor);
      await audit(request.actor, 'account.adopt', `${request.account} from ${request.from}`);
      const adopted = await adopt(apply, request);
      await askForAccount(core, request.account, 'it was adopted');
      return adopted;
    },
  };
}
