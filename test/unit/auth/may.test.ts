import { describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/auth/actor.ts';
import { type Asked, may, type Whose } from '../../../src/auth/may.ts';
import type { Role } from '../../../src/auth/roles.ts';

const suspend: Asked = { id: 'account.suspend', audience: ['staff', 'reseller'] };
const terminate: Asked = { id: 'account.terminate', audience: ['staff', 'reseller'], destroys: ['home'] };
const create: Asked = { id: 'account.create', audience: ['staff', 'reseller'] };
const mailbox: Asked = { id: 'mailbox.add', audience: ['staff', 'reseller', 'customer'] };
const addPackage: Asked = { id: 'package.add', audience: ['staff', 'reseller'] };
const server: Asked = { id: 'whm.call', audience: ['staff'] };
const bob: Whose = { kind: 'account', account: 'bob' };
const gold: Whose = { kind: 'package', name: 'gold' };

function person(role: Role): Actor {
  return { kind: 'person', name: 'ana', role, scope: 'all' };
}

const reseller: Actor = { kind: 'token', name: 'res', scope: { reseller: 'res' }, acl: ['all'] };
const owners: Readonly<Record<string, string>> = { bob: 'res', eve: 'other' };
const ownerOf = (account: string): string | undefined => owners[account];

describe('what a role may do', () => {
  it.each<[string, Role, Asked, Whose, boolean]>([
    ['an owner terminates', 'owner', terminate, bob, true],
    ['an owner changes the server', 'owner', server, { kind: 'server' }, true],
    ['an admin terminates', 'admin', terminate, bob, true],
    ['support suspends', 'support', suspend, bob, true],
    ['support removes nothing', 'support', terminate, bob, false],
    ['support touches no package', 'support', addPackage, gold, false],
    ['support changes no server setting', 'support', server, { kind: 'server' }, false],
    ['a reader changes nothing', 'read-only', suspend, bob, false],
    ['an auditor changes nothing', 'auditor', mailbox, bob, false],
  ])('%s', (_fact, role, action, subject, expected) => {
    expect(may(person(role), action, subject)).toBe(expected);
  });

  it('a person without a role may do nothing', () => {
    expect(may({ kind: 'person', name: 'ana', scope: 'all' }, suspend, bob)).toBe(false);
  });
});

describe('how far a reseller reaches', () => {
  it.each<[string, Asked, Whose, boolean]>([
    ['its own account', suspend, bob, true],
    ['not another reseller’s account', suspend, { kind: 'account', account: 'eve' }, false],
    ['not an account that nobody has', suspend, { kind: 'account', account: 'ghost' }, false],
    ['a new account', create, { kind: 'account', account: 'fresh' }, true],
    ['not a new account under a name that another has', create, { kind: 'account', account: 'eve' }, false],
    ['the account of its own name', suspend, { kind: 'account', account: 'res' }, true],
    ['a package with its prefix', addPackage, { kind: 'package', name: 'res_gold' }, true],
    ['not a package without its prefix', addPackage, gold, false],
    ['not a package whose prefix only begins alike', addPackage, { kind: 'package', name: 'resx_gold' }, false],
    ['not the server', server, { kind: 'server' }, false],
    ['not what is offered to staff alone', server, bob, false],
  ])('%s', (_fact, action, subject, expected) => {
    expect(may(reseller, action, subject, ownerOf)).toBe(expected);
  });

  it('without knowing the owners, only the account of its own name', () => {
    expect(may(reseller, suspend, bob)).toBe(false);
    expect(may(reseller, suspend, { kind: 'account', account: 'res' })).toBe(true);
  });
});

describe('how far a customer reaches', () => {
  const customer: Actor = { kind: 'person', name: 'bob', role: 'owner', scope: { account: 'bob' } };
  it.each<[string, Asked, Whose, boolean]>([
    ['a mailbox of its own', mailbox, bob, true],
    ['no mailbox of another', mailbox, { kind: 'account', account: 'eve' }, false],
    ['nothing that is not offered to customers', suspend, bob, false],
    ['no package', mailbox, gold, false],
  ])('%s', (_fact, action, subject, expected) => {
    expect(may(customer, action, subject, ownerOf)).toBe(expected);
  });
});

describe('what a token may do', () => {
  const token = (acl: readonly string[]): Actor => ({ kind: 'token', name: 'root', scope: 'all', acl });
  it.each<[string, readonly string[], Asked, boolean]>([
    ['all is all', ['all'], terminate, true],
    ['one action is that action', ['account.suspend'], suspend, true],
    ['one action is no other', ['account.suspend'], terminate, false],
    ['a group is what is in it', ['mailbox.*'], mailbox, true],
    ['a group is nothing else', ['mailbox.*'], suspend, false],
    ['a group needs its dot', ['account.*'], { id: 'accounting.run', audience: ['staff'] }, false],
    ['read does nothing', ['read'], suspend, false],
    ['an empty list is nothing', [], suspend, false],
  ])('%s', (_fact, acl, action, expected) => {
    expect(may(token(acl), action, bob)).toBe(expected);
  });
});
