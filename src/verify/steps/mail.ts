/** Mailboxes, forwarders, autoresponders and the default address. */
import { encrypt } from 'unixcrypt';
import { api2, uapi, whm } from '../../whm/call.ts';
import { oneOf, type Step, type Values } from '../model.ts';
import { at, dataOf, does, makes, refuses, told } from './build.ts';

const yes = { needs: 'account', kind: 'write' } as const;

const hashed = (v: Values) => ({ email: 'hashed', domain: v.domain, password_hash: encrypt(v.password), quota: 1 });

export const mailSteps: readonly Step[] = [
  does({
    id: 'mail.add',
    assumption: 'A mailbox is made and listed with its quota; made twice it is refused.',
    action: 'mailbox.add',
    params: (v) => ({ account: v.user, address: `ann@${v.domain}`, password: v.password, quotaMb: 250 }),
    repeated: 'refused',
    expect: { again: 'refused' },
  }),
  makes({
    id: 'mail.list',
    assumption: 'list_pops_with_disk shows quotas in megabytes as diskquota.',
    call: (v) => uapi(v.user, 'Email::list_pops_with_disk', { domain: v.domain }),
    facts: (data) => ({ quota: Math.round(Number(at(data, 0, 'diskquota'))) }),
    expect: { quota: 250 },
  }),
  makes({
    id: 'mail.list-plain',
    assumption: 'list_pops lists the mailboxes and the main account.',
    call: (v) => uapi(v.user, 'Email::list_pops'),
  }),
  refuses(
    {
      id: 'mail.exists',
      assumption: 'A mailbox that exists is refused with “already exists”.',
      call: (v) => uapi(v.user, 'Email::add_pop', { email: 'ann', domain: v.domain, password: v.password, quota: 250 }),
      text: /already exists/iu,
    },
    yes,
  ),
  refuses(
    {
      id: 'mail.bad-address',
      assumption: 'An address with a space is refused.',
      call: (v) => uapi(v.user, 'Email::add_pop', { email: 'an n', domain: v.domain, password: v.password, quota: 1 }),
      text: /./u,
    },
    { ...yes, checks: ['errors.bad-address'] },
  ),
  refuses(
    {
      id: 'mail.weak',
      assumption: 'A weak password of a mailbox is refused with a sentence about its strength.',
      call: (v) => uapi(v.user, 'Email::add_pop', { email: 'weak', domain: v.domain, password: '123456', quota: 1 }),
      text: /weak|easy to (guess|crack)|strength/iu,
    },
    yes,
  ),
  {
    id: 'mail.hash',
    assumption: 'add_pop takes SHA-512 crypt in place of a password, and the password then opens the mailbox.',
    kind: 'write',
    needs: 'account',
    expect: { outcome: 'done', opens: 1 },
    async run(side) {
      const { user, domain, password } = side.values;
      const made = told(await side.call(uapi(user, 'Email::add_pop', hashed(side.values))));
      const tried = uapi(user, 'Email::verify_password', { email: `hashed@${domain}`, password });
      const opens = Number(dataOf(await side.call(tried)));
      await side.call(uapi(user, 'Email::delete_pop', { email: 'hashed', domain }));
      return { ...made, opens };
    },
  },
  {
    id: 'mail.strength',
    assumption: 'What a mailbox’s password needs, and how one is rated, can be asked, and both are numbers.',
    kind: 'write',
    needs: 'account',
    expect: { least: true, own: true },
    async run(side) {
      const { user, password } = side.values;
      const least = await side.call(uapi(user, 'PasswdStrength::get_required_strength', { app: 'pop' }));
      const own = await side.call(whm('get_password_strength', { password }));
      const isNumber = (data: unknown) => Number.isInteger(Number(at(data, 'strength') ?? Number.NaN));
      return { least: isNumber(dataOf(least)), own: isNumber(dataOf(own)) };
    },
  },
  does({
    id: 'mail.quota',
    assumption: 'A mailbox without limit is listed as unlimited.',
    action: 'mailbox.quota',
    params: (v) => ({ account: v.user, address: `ann@${v.domain}`, quotaMb: 'unlimited' }),
    repeated: 'done',
    expect: { again: 'settled' },
  }),
  does({
    id: 'mail.password',
    assumption: 'passwd_pop may be sent again.',
    action: 'mailbox.password',
    params: (v) => ({ account: v.user, address: `ann@${v.domain}`, password: v.password2 }),
    repeated: 'done',
    expect: { after: 'apply' },
  }),
  does({
    id: 'mail.forward',
    assumption: 'A forwarder is listed after it was added; adding it again is no error.',
    action: 'forwarder.add',
    params: (v) => ({ account: v.user, address: `info@${v.domain}`, to: `someone@${v.domain}` }),
    repeated: oneOf('done', 'refused'),
  }),
  makes({
    id: 'mail.forwarders',
    assumption: 'list_forwarders names the address as dest and its goal as forward.',
    call: (v) => uapi(v.user, 'Email::list_forwarders', { domain: v.domain }),
    facts: (data, v) => ({ isNamed: at(data, 0, 'dest') === `info@${v.domain}` }),
    expect: { isNamed: true },
  }),
  makes({
    id: 'mail.api2-forward',
    assumption: 'API 2 addforward answers with email, forward and domain.',
    call: (v) =>
      api2(v.user, 'Email::addforward', {
        domain: v.domain,
        email: 'old',
        fwdopt: 'fwd',
        fwdemail: `someone@${v.domain}`,
      }),
  }),
  makes(
    {
      id: 'mail.api2-unforward',
      assumption: 'API 2 delforward answers with result and reason, or with nothing.',
      call: (v) => api2(v.user, 'Email::delforward', { email: `old@${v.domain}`, emaildest: `someone@${v.domain}` }),
    },
    { checks: ['api2.delforward'] },
  ),
  does({
    id: 'mail.unforward',
    assumption: 'A forwarder is gone after it was removed.',
    action: 'forwarder.delete',
    params: (v) => ({ account: v.user, address: `info@${v.domain}`, to: `someone@${v.domain}` }),
  }),
  does({
    id: 'mail.responder',
    assumption: 'An autoresponder reads back as it was set; setting it again changes nothing.',
    action: 'autoresponder.set',
    params: (v) => ({ account: v.user, address: `ann@${v.domain}`, from: 'Ann', subject: 'Away', body: 'Back\nsoon' }),
    repeated: 'done',
    expect: { again: 'settled' },
  }),
  does({
    id: 'mail.responder-off',
    assumption: 'An autoresponder is gone after it was removed.',
    action: 'autoresponder.delete',
    params: (v) => ({ account: v.user, address: `ann@${v.domain}` }),
  }),
  does({
    id: 'mail.default',
    assumption: 'The default address reads back as it was set.',
    action: 'default-address.set',
    params: (v) => ({ account: v.user, domain: v.domain, mode: 'refuse', message: 'Nobody here' }),
    repeated: 'done',
    expect: { again: 'settled' },
  }),
  makes({
    id: 'mail.api2-pops',
    assumption: 'API 2 listpops lists email and login.',
    call: (v) => api2(v.user, 'Email::listpops'),
  }),
  makes(
    {
      id: 'mail.api2-page',
      assumption: 'API 2 takes api2_paginate: a page of one has one row.',
      call: (v) => api2(v.user, 'Email::listpops', { api2_paginate: 1, api2_paginate_start: 1, api2_paginate_size: 1 }),
      facts(data) {
        return { rows: Array.isArray(data) ? data.length : -1 };
      },
      expect: { rows: 1 },
    },
    { checks: ['api2.tables'] },
  ),
  refuses(
    {
      id: 'mail.api2-exists',
      assumption: 'API 2 says no in error and in data[0].reason together.',
      call: (v) => api2(v.user, 'Email::addpop', { domain: v.domain, email: 'ann', password: v.password, quota: 1 }),
      text: /already exists/iu,
    },
    { ...yes, checks: ['api2.failure-both'] },
  ),
  does({
    id: 'mail.remove',
    assumption: 'A mailbox is gone after delete_pop; deleting it again is refused.',
    action: 'mailbox.delete',
    params: (v) => ({ account: v.user, address: `ann@${v.domain}` }),
    repeated: 'refused',
  }),
];
