import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive } from '../define.ts';
import * as f from '../fields.ts';
import { remove } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';
import { forwarderFields, lookAtForwarders, readForwarder } from './seen.ts';

/** Email::delete_forwarder. */
export const deleteForwarder = define({
  id: 'forwarder.delete',
  title: 'Delete forwarder',
  audience: ['staff', 'reseller', 'customer', 'mailbox-user'],
  params: z.strictObject(forwarderFields),
  again: 'read back',
  reversible: true,
  covers: { 'Email::delete_forwarder': worded({ names: { ...cpanelUser, address: 'address', forwarder: 'to' } }) },
  subject: (p) => ({
    kind: 'account',
    account: p.account,
    domain: f.halves(p.address).domain,
    mailbox: p.address,
  }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [lookAtForwarders(p)],
  read: readForwarder,
  plan: (p, seen, place) =>
    when(seen, (found) =>
      remove(place, {
        found,
        call: uapi(p.account, 'Email::delete_forwarder', { address: p.address, forwarder: p.to }),
        absent: `There is no forwarder from ${p.address} to ${p.to}.`,
      }),
    ),
});
