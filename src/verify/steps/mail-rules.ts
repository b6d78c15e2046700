/** What customers set for their mail beside addresses: filters, routing, spam, what a mailbox may do. */
import type { Step } from '../model.ts';
import { does } from './build.ts';

const rule = { part: '$header_subject:', match: 'contains', value: 'tried' } as const;

export const mailRuleSteps: readonly Step[] = [
  does({
    id: 'mailrules.mailbox',
    assumption: 'A mailbox may be made without a limit.',
    action: 'mailbox.add',
    params: (v) => ({ account: v.user, address: `eve@${v.domain}`, password: v.password, quotaMb: 'unlimited' }),
  }),
  does({
    id: 'mailrules.filter',
    assumption: 'store_filter keeps rules and actions in their order, and list_filters gives them back.',
    action: 'mail-filter.set',
    params: (v) => ({
      account: v.user,
      name: 'tried',
      rules: [rule],
      actions: [{ does: 'deliver', to: `eve@${v.domain}` }],
    }),
    repeated: 'done',
  }),
  does({
    id: 'mailrules.switch',
    assumption: 'disable_filter switches a filter off and keeps it.',
    action: 'mail-filter.switch',
    params: (v) => ({ account: v.user, name: 'tried', enabled: false }),
  }),
  does({
    id: 'mailrules.filter-remove',
    assumption: 'delete_filter takes it away.',
    action: 'mail-filter.delete',
    params: (v) => ({ account: v.user, name: 'tried' }),
  }),
  does({
    id: 'mailrules.routing',
    assumption: 'set_always_accept sets how mail is routed, and list_mxs shows it.',
    action: 'mail-routing.set',
    params: (v) => ({ account: v.user, domain: v.domain, routing: 'local' }),
    repeated: 'done',
  }),
  does({
    id: 'mailrules.spam',
    assumption: 'Spam settings and preferences are set one by one, and read back.',
    action: 'spam.set',
    params: (v) => ({ account: v.user, enabled: true, box: true, requiredScore: 7, block: ['*@spam.example'] }),
  }),
  does({
    id: 'mailrules.suspend',
    assumption: 'suspend_login keeps a mailbox and lets nobody sign in; list_pops_with_disk shows it.',
    action: 'mailbox.access',
    params: (v) => ({ account: v.user, address: `eve@${v.domain}`, login: false }),
  }),
  does({
    id: 'mailrules.mailbox-remove',
    assumption: 'A mailbox whose login is suspended can be deleted.',
    action: 'mailbox.delete',
    params: (v) => ({ account: v.user, address: `eve@${v.domain}` }),
  }),
];
