/** Which master is asked whether a customer's password is right: one whose word counts, and only that one. */
import { z } from 'zod';
import type { Operations, OperationView, Reads } from '../../operations/model.ts';
import type { PasswordAnswer, PasswordCheck } from '../../routes/customer/deps.ts';
import type { AccountSignIn } from '../../whm/account-sign-in.ts';
import { uapi, type WhmCall, whm } from '../../whm/call.ts';
import type { Outcome } from '../../whm/outcome.ts';

/** What changes an account's password, suspension or existence. Until a master has it, its word is not asked for. */
export const deciding: ReadonlySet<string> = new Set([
  'account.create',
  'account.password',
  'account.suspend',
  'account.unsuspend',
  'account.rename',
  'account.terminate',
  'account.restore',
]);

/** The same for a mailbox. */
export const decidingMailbox: ReadonlySet<string> = new Set([
  ...deciding,
  'mailbox.add',
  'mailbox.password',
  'mailbox.delete',
  'mailbox.access',
]);

const finalStates: ReadonlySet<string> = new Set(['done', 'refused', 'skipped', 'withdrawn']);

export interface PasswordParts {
  readonly operations: Pick<Operations, 'list'>;
  readonly reads: Pick<Reads, 'status' | 'call' | 'accounts'>;
  signIn(master: string, account: string, password: string): Promise<AccountSignIn>;
  call(master: string, call: WhmCall): Promise<Outcome>;
}

/**
 * The masters whose word counts, best first: reachable, and with nothing unfinished that decides. Pure, for its table.
 * `open`: the account's operations that are not over.
 */
export function askable(
  masters: readonly { readonly id: string; readonly state: string }[],
  open: readonly Pick<OperationView, 'action' | 'legs'>[],
  active: string | undefined,
  actions: ReadonlySet<string> = deciding,
): readonly string[] {
  const unfinished = new Set(
    open
      .filter((view) => actions.has(view.action))
      .flatMap((view) => view.legs.filter((leg) => !finalStates.has(leg.state)).map((leg) => leg.master)),
  );
  return masters
    .filter((master) => master.state === 'reachable' && !unfinished.has(master.id))
    .map((master) => master.id)
    .toSorted((a, b) => Number(b === active) - Number(a === active));
}

const pageSize = 200;

/** All of them: whoever is behind with hundreds must not miss the one that decides. */
async function openOf({ operations }: PasswordParts, account: string): Promise<readonly OperationView[]> {
  const found: OperationView[] = [];
  for (;;) {
    const last = found.at(-1)?.id;
    const older = last === undefined ? {} : { before: last };
    const page = await operations.list({ account, state: 'open', limit: pageSize, ...older });
    found.push(...page);
    if (page.length < pageSize) return found;
  }
}

/** Opens nothing. */
export function passwordCheck(parts: PasswordParts): PasswordCheck {
  async function toAsk(account: string, actions: ReadonlySet<string>): Promise<string | undefined> {
    const [{ masters }, open, { rows }] = await Promise.all([
      parts.reads.status(),
      openOf(parts, account),
      parts.reads.accounts({ kind: 'system', name: 'self-service', scope: { account } }, 0),
    ]);
    return askable(masters, open, rows.find((row) => row.user === account)?.active, actions)[0];
  }

  return {
    async account(account, password) {
      const master = await toAsk(account, deciding);
      if (master === undefined) return 'later';
      const answer = await parts.signIn(master, account, password);
      return answer === 'unknown' ? 'later' : answer;
    },
    async mailbox(address, password) {
      const [, domain = ''] = address.split('@');
      const account = await ownerOf(parts, domain);
      if (account === undefined) return { answer: 'later', account: '' };
      if (account === '') return { answer: 'wrong', account };
      const master = await toAsk(account, decidingMailbox);
      if (master === undefined) return { answer: 'later', account };
      return { answer: await verified(parts, master, account, address, password), account };
    },
  };
}

const Owner = z.object({ user: z.string().nullish() });

/** The account that owns a domain; '' for nobody's, undefined when no master could say. */
async function ownerOf(parts: PasswordParts, domain: string): Promise<string | undefined> {
  const { outcome } = await parts.reads.call(whm('getdomainowner', { domain }));
  if (outcome.kind === 'refused') return '';
  if (outcome.kind !== 'done') return undefined;
  const parsed = Owner.safeParse(outcome.data);
  return parsed.success ? (parsed.data.user ?? '') : undefined;
}

const flag = z.union([z.number(), z.string()]).nullish();
const Mailboxes = z.array(z.object({ email: z.string(), suspended_login: flag, suspended_incoming: flag }));

/** Email::verify_password, and only for a right one whether its sign-in is suspended, which that does not ask. */
async function verified(
  parts: PasswordParts,
  master: string,
  account: string,
  address: string,
  password: string,
): Promise<PasswordAnswer> {
  const asked = await parts.call(master, uapi(account, 'Email::verify_password', { email: address, password }));
  if (asked.kind === 'refused') return 'wrong';
  if (asked.kind !== 'done') return 'later';
  if (Number(asked.data) !== 1) return 'wrong';
  const listed = await parts.call(
    master,
    uapi(account, 'Email::list_pops_with_disk', { domain: address.split('@')[1] }),
  );
  const rows = listed.kind === 'done' ? Mailboxes.safeParse(listed.data) : undefined;
  if (rows?.success !== true) return 'later';
  const own = rows.data.find((row) => row.email === address);
  return own === undefined || Number(own.suspended_login ?? 0) === 1 ? 'wrong' : 'right';
}
