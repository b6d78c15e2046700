import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { define, exclusive } from '../define.ts';
import { allOf, lookAtDomains, readDomains } from '../domain/seen.ts';
import * as f from '../fields.ts';
import { remove } from '../plans.ts';
import { worded } from '../raw.ts';
import { lookAtAccount, readAccount } from './seen.ts';

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  keepDns: f
    .flag()
    .default(false)
    .meta({ label: 'Keep the DNS zones', help: 'Leaves the zones of its domains in place.' }),
  archive: z.enum(['none', 'verified']).default('none').meta({
    label: 'Archive first',
    help: 'verified: nothing is removed before an archive of it was taken off the master, read and found complete.',
  }),
  domains: z.array(f.domain()).max(2000).default([]).meta({
    label: 'Its domains',
    input: 'hidden',
    help: 'Nothing new may be made under these names before it is gone.',
  }),
});

const raw = worded({ names: { username: 'account', user: 'account', keepdns: 'keepDns' }, unknown: 'name' });

/** removeacct. Settled only when the master no longer knows the account. */
export const terminateAccount = define({
  id: 'account.terminate',
  title: 'Terminate account',
  audience: ['staff', 'reseller'],
  params,
  homes: true,
  again: 'read back',
  proof: 'look',
  longestSeconds: 300,
  destroys: ['home', 'mail', 'database', 'zone'],
  covers: {
    // A program cannot be asked twice whether it means it: what it removes can be brought back.
    removeacct: (args) => {
      const asked = raw(args);
      return asked === undefined ? undefined : { ...asked, archive: 'verified' };
    },
  },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [exclusive(`account:${p.account}`), ...p.domains.map((domain) => exclusive(`domain:${domain}`))],
  prepare: (p) => ({
    calls: [lookAtDomains(p.account)],
    fill(answers) {
      const read = readDomains(answers, 0);
      return read.ok ? { ...p, domains: [...allOf(read.value)] } : p;
    },
  }),
  job: (p) => (p.archive === 'verified' ? { kind: 'archive', account: p.account } : undefined),
  observe: (p) => [lookAtAccount(p.account)],
  read: (_p, answers) => readAccount(answers, 0),
  plan: (p, seen, place) =>
    remove(place, {
      found: seen !== undefined,
      call: whm('removeacct', { username: p.account, keepdns: p.keepDns }),
      absent: `System user ${p.account} does not exist!`,
    }),
});
