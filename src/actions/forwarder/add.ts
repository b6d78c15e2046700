import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { apply, define, exclusive, settled } from '../define.ts';
import * as f from '../fields.ts';
import { cpanelUser, joined, wordedAs } from '../raw.ts';
import { forwarderFields, lookAtForwarders, readForwarder } from './seen.ts';

const names = { ...cpanelUser, email: 'local', domain: 'domain', fwdemail: 'to' } as const;

/**
 * Email::add_forwarder to an address. One that is there already is what was asked for: cPanel answers so too, and
 * forwarders have no attributes that could differ.
 */
export const addForwarder = define({
  id: 'forwarder.add',
  title: 'Add forwarder',
  audience: ['staff', 'reseller', 'customer', 'mailbox-user'],
  params: z.strictObject(forwarderFields),
  again: 'safe',
  reversible: true,
  covers: {
    'Email::add_forwarder': (raw) => joined(wordedAs(raw, { names, implied: { fwdopt: ['fwd'] } }), 'address'),
  },
  subject: (p) => ({
    kind: 'account',
    account: p.account,
    domain: f.halves(p.address).domain,
    mailbox: p.address,
  }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtForwarders(p)],
  read: readForwarder,
  plan: (p, seen) =>
    when(seen, (found) => {
      const { local, domain } = f.halves(p.address);
      const args = { domain, email: local, fwdopt: 'fwd', fwdemail: p.to };
      return found ? settled : apply(uapi(p.account, 'Email::add_forwarder', args));
    }),
});
