/** Mail: mailboxes, forwarders, automatic answers, default addresses, routing. */
import type { Module } from '../handler.ts';
import { mailboxApi2, mailboxUapi } from './mail-accounts.ts';
import { forwarderApi2, forwarderUapi } from './mail-forwarders.ts';
import { mailListsApi2, mailListsUapi, mailWhm } from './mail-lists.ts';
import { responderApi2, responderUapi } from './mail-responders.ts';
import { routingApi2, routingUapi } from './mail-routing.ts';
import { shadowUapi } from './mail-shadow.ts';
import { dropMail, moveMail, renameMail } from './mail-store.ts';

export const mail: Module = {
  whm: mailWhm,
  uapi: { ...mailboxUapi, ...mailListsUapi, ...forwarderUapi, ...responderUapi, ...routingUapi, ...shadowUapi },
  api2: { ...mailboxApi2, ...mailListsApi2, ...forwarderApi2, ...responderApi2, ...routingApi2 },
  hooks: {
    removing: (context, account) => dropMail(context, account.user),
    renamed: (context, account, from) => renameMail(context, from, account.user),
    domainChanged: (context, account, from) => moveMail(context, account.user, from, account.domain),
  },
};
