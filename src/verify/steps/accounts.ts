/** Accounts: how one is made, changed and ended, on the throw-away account. */
import { whm } from '../../whm/call.ts';
import { oneOf, type Step, type Values } from '../model.ts';
import { at, does, makes, reads, refuses, told } from './build.ts';

/** What the rename step calls the account, and what is called so again at the end. */
export function renamed(v: Values): string {
  return `${v.user}x`;
}

function create(v: Values) {
  return {
    account: v.user,
    domain: v.domain,
    password: v.password,
    plan: v.package,
    contactEmail: `hostmaster@${v.domain}`,
    uid: v.uid,
    dkimKey: v.dkimKey,
  };
}

export const accountSteps: readonly Step[] = [
  reads({
    id: 'accounts.free-name',
    assumption: 'verify_new_username agrees with a free name.',
    call: (v) => whm('verify_new_username', { user: v.user }),
  }),
  refuses({
    id: 'accounts.absent',
    assumption: 'accountsummary refuses an unknown account with a sentence that says so.',
    call: (v) => whm('accountsummary', { user: v.user }),
    text: /does not exist|no accounts? found|not an account/iu,
  }),
  reads(
    {
      id: 'accounts.none-found',
      assumption: 'listaccts that finds nothing answers 0 with “No accounts found” or 1 with an empty list.',
      call: () => whm('listaccts', { search: '^nobodyhasthisname$', searchtype: 'user', searchmethod: 'regex' }),
      expect: { outcome: oneOf('done', 'refused') },
    },
    { checks: ['errors.listaccts-none'] },
  ),
  does(
    {
      id: 'accounts.create',
      assumption: 'An account is made with the uid, package and DKIM key that were chosen; made twice it is refused.',
      action: 'account.create',
      params: create,
      before: ({ own, values: v }) => own({ kind: 'account', user: v.user, domain: v.domain }),
      // 'busy': the account took the last seat of the licence.
      repeated: oneOf('refused', 'busy'),
      expect: { again: 'refused' },
    },
    { needs: 'nothing' },
  ),
  does(
    {
      id: 'accounts.other',
      assumption: 'A second account is made the same way.',
      action: 'account.create',
      params: (v) => ({ ...create(v), account: v.other, domain: v.otherDomain, uid: v.uid + 1 }),
      before: ({ own, values: v }) => own({ kind: 'account', user: v.other, domain: v.otherDomain }),
    },
    { needs: 'other' },
  ),
  makes({
    id: 'accounts.summary',
    assumption: 'accountsummary shows user, domain, package, owner and the uid that was asked for.',
    call: (v) => whm('accountsummary', { user: v.user }),
    facts: (data, v) => ({
      isOurs: at(data, 'acct', 0, 'domain') === v.domain && at(data, 'acct', 0, 'plan') === v.package,
      hasUid: Number(at(data, 'acct', 0, 'uid')) === v.uid,
      owner: at(data, 'acct', 0, 'owner'),
      suspended: Number(at(data, 'acct', 0, 'suspended')),
    }),
    expect: { isOurs: true, hasUid: true, owner: 'root', suspended: 0 },
  }),
  makes(
    {
      id: 'accounts.disk-unit',
      assumption: 'The quota of a package is in megabytes: 500 is shown as 500M.',
      call: (v) => whm('accountsummary', { user: v.user }),
      facts: (data) => ({ disk: at(data, 'acct', 0, 'disklimit') }),
      expect: { disk: '500M' },
    },
    { checks: ['wire.units'] },
  ),
  makes({
    id: 'accounts.owner-of-domain',
    assumption: 'getdomainowner names the account of a domain.',
    call: (v) => whm('getdomainowner', { domain: v.domain }),
    facts: (data, v) => ({ isOurs: at(data, 'user') === v.user }),
    expect: { isOurs: true },
  }),
  makes({
    id: 'accounts.domain-data',
    assumption: 'domainuserdata tells document root, address and group of a domain.',
    call: (v) => whm('domainuserdata', { domain: v.domain }),
  }),
  {
    id: 'accounts.taken-domain',
    assumption: 'A new account with a domain that exists is refused.',
    kind: 'write',
    needs: 'account',
    expect: { outcome: oneOf('refused', 'busy'), because: /already exists|licen[cs]e/iu },
    async run(side) {
      const { token: username, domain, password2: password, package: plan } = side.values;
      // Were it made after all, it would have to go as well.
      side.own({ kind: 'account', user: username, domain });
      return told(await side.call(whm('createacct', { username, domain, password, plan, ip: 'n' })));
    },
  },
  refuses({
    id: 'accounts.bad-name',
    assumption: 'A name that begins with “test” is refused.',
    call: () => whm('verify_new_username', { user: 'testing1' }),
    text: /./u,
  }),
  makes(
    {
      id: 'accounts.quota-unit',
      assumption: 'editquota counts in megabytes.',
      call: (v) => whm('editquota', { user: v.user, quota: 321 }),
    },
    { checks: ['wire.units'] },
  ),
  makes(
    {
      id: 'accounts.quota-shown',
      assumption: 'A quota of 321 set by editquota is shown as 321M.',
      call: (v) => whm('accountsummary', { user: v.user }),
      facts: (data) => ({ disk: at(data, 'acct', 0, 'disklimit') }),
      expect: { disk: '321M' },
    },
    { checks: ['wire.units'] },
  ),
  makes(
    {
      id: 'accounts.traffic',
      assumption: 'limitbw takes megabytes.',
      call: (v) => whm('limitbw', { user: v.user, bwlimit: 100 }),
    },
    { checks: ['wire.units'] },
  ),
  makes(
    {
      id: 'accounts.traffic-unit',
      assumption: 'modifyacct shows BWLIMIT in bytes: 100 MB set by limitbw are 104857600.',
      call: (v) => whm('modifyacct', { user: v.user, contactemail: `hostmaster@${v.domain}` }),
      facts: (data) => ({ bytes: String(at(data, 'cpuser', 'BWLIMIT')) }),
      expect: { bytes: '104857600' },
    },
    { checks: ['wire.units'], maps: ['data.cpuser'] },
  ),
  does(
    {
      id: 'accounts.modify',
      assumption: 'Contact address and limits are changed by modifyacct and shown by accountsummary.',
      action: 'account.modify',
      params: (v) => ({ account: v.user, contactEmail: `changed@${v.domain}`, quotaMb: 400, maxMailboxes: 15 }),
      repeated: 'done',
      expect: { again: 'settled' },
    },
    { maps: ['data.cpuser'] },
  ),
  does({
    id: 'accounts.contact',
    assumption: 'modifyacct with nothing but contactemail changes the contact address and leaves all else.',
    action: 'account.contact',
    params: (v) => ({ account: v.user, contactEmail: `contact@${v.domain}` }),
    repeated: 'done',
    expect: { again: 'settled' },
  }),
  does({
    id: 'accounts.password',
    assumption: 'passwd takes a password in plain text, as often as it is sent.',
    action: 'account.password',
    params: (v) => ({ account: v.user, password: v.password2 }),
    repeated: 'done',
    expect: { after: 'apply' },
  }),
];

/** At the end: what takes the account out of use, renames and removes it. */
export const accountEnd: readonly Step[] = [
  does({
    id: 'accounts.change-package',
    assumption: 'changepackage sets the package; the limits follow at once.',
    action: 'account.change-package',
    params: (v) => ({ account: v.user, plan: v.package }),
    repeated: 'done',
  }),
  does({
    id: 'accounts.suspend',
    assumption: 'A suspended account is shown as suspended; suspending twice is no error.',
    action: 'account.suspend',
    params: (v) => ({ account: v.user, reason: 'trial' }),
    repeated: oneOf('done', 'refused'),
  }),
  makes(
    {
      id: 'accounts.suspended-read',
      assumption: 'UAPI through WHM goes on for a suspended account.',
      call: (v) => ({ api: 'uapi', fn: 'DomainInfo::list_domains', user: v.user, args: [] }),
    },
    { checks: ['errors.suspended-token'] },
  ),
  does({
    id: 'accounts.unsuspend',
    assumption: 'An account is unsuspended, and shown so.',
    action: 'account.unsuspend',
    params: (v) => ({ account: v.user }),
  }),
  does(
    {
      id: 'accounts.rename',
      assumption: 'modifyacct newuser renames an account: the old name is gone, the new one is there.',
      action: 'account.rename',
      params: (v) => ({ account: v.user, newName: renamed(v) }),
      before: ({ own, values: v }) => own({ kind: 'account', user: renamed(v), domain: v.domain }),
    },
    { maps: ['data.cpuser'] },
  ),
  refuses(
    {
      id: 'accounts.remove-absent',
      assumption: 'removeacct of a name that is not there is refused, not done.',
      call: (v) => whm('removeacct', { username: v.user, keepdns: 0 }),
      text: /does not exist/iu,
    },
    { needs: 'account', kind: 'write' },
  ),
  does({
    id: 'accounts.terminate',
    assumption: 'removeacct removes the account; the name is free again at once.',
    action: 'account.terminate',
    params: (v) => ({ account: renamed(v) }),
    repeated: 'refused',
  }),
  makes({
    id: 'accounts.domain-free',
    assumption: 'After removeacct nobody owns the domain.',
    call: (v) => whm('getdomainowner', { domain: v.domain }),
    facts: (data) => ({ owner: at(data, 'user') ?? '' }),
    expect: { owner: '' },
  }),
];
