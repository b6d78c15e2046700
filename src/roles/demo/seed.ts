/** What the demo begins with: packages, a few accounts, somebody who may sign in and a token. */
import { randomBytes } from 'node:crypto';
import type { Actor } from '../../auth/actor.ts';
import type { OperationView } from '../../operations/model.ts';
import type { Stage } from './index.ts';
import { mailbox } from './webmail.ts';

export interface Logins {
  readonly person: string;
  readonly password: string;
  readonly token: string;
  readonly mailbox: string;
  readonly mailPassword: string;
}

export const demoActor: Actor = { kind: 'system', name: 'demo', scope: 'all' };

const ACCOUNTS = [
  ['bakery', 'bakery.example', 'basic'],
  ['cinema', 'cinema.example', 'gold'],
  ['garden', 'garden.example', 'basic'],
] as const;

/** Everything goes through operations, as a person's work would. Throws when one of them does not end well. */
export async function seed(stage: Stage): Promise<Logins> {
  const { core, say } = stage;
  const password = randomBytes(12).toString('base64url');
  await core.auth.personAdd({ name: 'ana', role: 'owner', password });
  const { token } = await core.auth.tokenCreate({ owner: 'root', label: 'demo', acl: ['all'] });
  say('Adding two packages and three accounts, each on both masters');
  await perform(stage, 'package.add', { name: 'basic', quotaMb: 1024 });
  await perform(stage, 'package.add', { name: 'gold', quotaMb: 10_240 });
  for (const [account, domain, plan] of ACCOUNTS) {
    await perform(stage, 'account.create', { account, domain, plan, contactEmail: `owner@${domain}` });
  }
  const mailPassword = randomBytes(12).toString('base64url');
  await perform(stage, 'mailbox.add', { ...mailbox, password: mailPassword, quotaMb: 250 });
  await stage.sims.m1.mail?.deliver(
    'ann@away.example',
    mailbox.address,
    `From: Ann <ann@away.example>\r\nTo: ${mailbox.address}\r\nSubject: Bread for Friday\r\n\r\nSix loaves, please.\r\n`,
  );
  return { person: 'ana', password, token, mailbox: mailbox.address, mailPassword };
}

/** One action, waited for until all masters have it. */
export async function perform(stage: Stage, action: string, params: Record<string, unknown>): Promise<OperationView> {
  const accepted = await stage.core.operations.accept({ action, params, actor: demoActor, door: 'system' });
  const ended = await stage.core.operations.wait(accepted.id, 'final', 30_000);
  if (ended.state === 'done') return ended;
  const why = ended.legs
    .map((l) => `${l.master} ${l.state}: ${l.error?.message ?? l.waitsFor?.sentence ?? ''}`)
    .join('; ');
  throw new Error(`${action} ended as ${ended.state}: ${why}`);
}
