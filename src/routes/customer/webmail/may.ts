import { type Customer, customerReach } from '../../../auth/customers.ts';

/**
 * Whether somebody may read a mailbox: its own user; and of the account whoever may change its mail, as in cPanel.
 * Whose mailbox it is must be known already. Staff who look on as the customer read nobody's mail.
 */
export function mayRead(who: Customer, address: string): boolean {
  if (who.staff !== undefined) return false;
  return who.role === 'mailbox' ? who.name === address : customerReach(who, 'mail') === 'change';
}
