/** What became of mail: WHM's search over Exim's records. Rows come from the control port, since nothing delivers here. */
import type { Context, Entry, Handler, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { table } from '../state.ts';
import { accounts } from '../tables.ts';
import { ownedHooks } from './owned.ts';
import { mayTouch } from './zone-store.ts';

export interface Delivery {
  readonly user: string;
  readonly sender: string;
  readonly recipient: string;
  readonly type: 'success' | 'defer' | 'failure' | 'inprogress';
  /** Unix seconds. */
  readonly at: number;
  readonly message: string;
}

/** Key: 'user/msgid'. */
export const deliveries = table<Delivery>('mail-deliveries', { group: (d) => d.user });

const kinds = ['success', 'defer', 'failure', 'inprogress'] as const;

function rowOf(row: Delivery, id: string): Readonly<Record<string, unknown>> {
  const { sender, recipient, type, at, message, user } = row;
  const domain = recipient.split('@')[1] ?? '';
  return {
    actiontime: new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' '),
    actionunixtime: at,
    deliveredto: recipient,
    deliverydomain: domain,
    deliveryuser: user,
    domain: sender.split('@')[1] ?? '',
    host: 'localhost',
    ip: '127.0.0.1',
    message,
    msgid: id.split('/')[1] ?? id,
    recipient,
    router: type === 'success' ? 'virtual_user' : 'lookuphost',
    sender,
    senderauth: 'dovecot_login',
    senderhost: '',
    senderip: '127.0.0.1',
    sendunixtime: at,
    size: 1200,
    spamscore: null,
    transport: 'dovecot_virtual_delivery',
    transport_is_remote: 0,
    type,
    user,
  };
}

/** Without any kind asked for, cPanel finds nothing: each is 0 unless it is given. */
function search(context: Context): Result {
  const { params, state } = context;
  const wanted = new Set<string>(kinds.filter((kind) => params.flag(kind, false)));
  const most = params.number('max_results_by_type') ?? 0;
  const found = state
    .of(deliveries)
    .entries()
    .filter(([, row]) => wanted.has(row.type) && isAllowed(context, row.user));
  const records = kinds.flatMap((kind) => {
    const ofKind = found.filter(([, row]) => row.type === kind);
    return (most > 0 ? ofKind.slice(0, most) : ofKind).map(([id, row]) => rowOf(row, id));
  });
  return ok({ records });
}

function isAllowed(context: Context, user: string): boolean {
  const account = context.state.of(accounts).get(user);
  return account !== undefined && mayTouch(context, account);
}

const whm: Readonly<Record<string, Entry<Handler>>> = { emailtrack_search: search };

export const mailDelivery: Module = { whm, hooks: ownedHooks(deliveries) };
