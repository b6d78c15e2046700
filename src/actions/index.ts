import type { Args } from '../whm/call.ts';
import { changePackage } from './account/change-package.ts';
import { createAccount } from './account/create.ts';
import { modifyAccount } from './account/modify.ts';
import { setAccountPassword } from './account/password.ts';
import { renameAccount } from './account/rename.ts';
import { restoreAccount } from './account/restore.ts';
import { suspendAccount } from './account/suspend.ts';
import { terminateAccount } from './account/terminate.ts';
import { unsuspendAccount } from './account/unsuspend.ts';
import { deleteAutoresponder } from './autoresponder/delete.ts';
import { setAutoresponder } from './autoresponder/set.ts';
import { installCertificate } from './certificate/install.ts';
import { addDatabase } from './database/add.ts';
import { deleteDatabase } from './database/delete.ts';
import { addDatabaseUser } from './database-user/add.ts';
import { deleteDatabaseUser } from './database-user/delete.ts';
import { grantDatabase } from './database-user/grant.ts';
import { setDatabaseUserPassword } from './database-user/password.ts';
import { revokeDatabase } from './database-user/revoke.ts';
import { setDefaultAddress } from './default-address/set.ts';
import type { Action } from './define.ts';
import { installDkim } from './dkim/install.ts';
import { addRecord } from './dns/add-record.ts';
import { editRecord } from './dns/edit-record.ts';
import { editZoneRecords } from './dns/edit-zone.ts';
import { removeRecord } from './dns/remove-record.ts';
import { addAddonDomain } from './domain/add-addon.ts';
import { addAliasDomain } from './domain/add-alias.ts';
import { addSubdomain } from './domain/add-sub.ts';
import { removeAddonDomain } from './domain/remove-addon.ts';
import { removeAliasDomain } from './domain/remove-alias.ts';
import { removeSubdomain } from './domain/remove-sub.ts';
import { addForwarder } from './forwarder/add.ts';
import { deleteForwarder } from './forwarder/delete.ts';
import { addFtp } from './ftp/add.ts';
import { deleteFtp } from './ftp/delete.ts';
import { setFtpPassword } from './ftp/password.ts';
import { setFtpQuota } from './ftp/quota.ts';
import { addMailbox } from './mailbox/add.ts';
import { deleteMailbox } from './mailbox/delete.ts';
import { setMailboxPassword } from './mailbox/password.ts';
import { setMailboxQuota } from './mailbox/quota.ts';
import { addPackage } from './package/add.ts';
import { deletePackage } from './package/delete.ts';
import { editPackage } from './package/edit.ts';
import { installSpf } from './spf/install.ts';
import { callWhm } from './whm/call.ts';

export { type Field, fieldsOf, redact, secretsOf } from './forms.ts';

/** The catalogue: everything that Tandem can do, in the order in which it is shown. */
export const actions: readonly Action[] = [
  createAccount,
  modifyAccount,
  changePackage,
  setAccountPassword,
  suspendAccount,
  unsuspendAccount,
  renameAccount,
  terminateAccount,
  restoreAccount,
  addPackage,
  editPackage,
  deletePackage,
  addMailbox,
  setMailboxPassword,
  setMailboxQuota,
  deleteMailbox,
  addForwarder,
  deleteForwarder,
  setAutoresponder,
  deleteAutoresponder,
  setDefaultAddress,
  addAddonDomain,
  removeAddonDomain,
  addAliasDomain,
  removeAliasDomain,
  addSubdomain,
  removeSubdomain,
  addRecord,
  editRecord,
  removeRecord,
  editZoneRecords,
  installDkim,
  installSpf,
  installCertificate,
  addDatabase,
  deleteDatabase,
  addDatabaseUser,
  setDatabaseUserPassword,
  deleteDatabaseUser,
  grantDatabase,
  revokeDatabase,
  addFtp,
  setFtpPassword,
  setFtpQuota,
  deleteFtp,
  callWhm,
];

const byId: ReadonlyMap<string, Action> = new Map(actions.map((action) => [action.id, action]));

/** The action of an id from the journal, a form or the command line; undefined: there is none. */
export function actionOf(id: string): Action | undefined {
  return byId.get(id);
}

/** The actions that may take over a passthrough function ('createacct', 'Email::add_pop'), best first. */
export function covering(fn: string): readonly Action[] {
  return actions.filter((action) => action.covers !== undefined && Object.hasOwn(action.covers, fn));
}

export interface Covered {
  readonly action: Action;
  /** Unparsed. */
  readonly params: Record<string, unknown>;
}

/**
 * The action that takes a passthrough call as it was made, with its parameters; undefined: no action can say all that
 * the arguments say, so the call goes the way that the function table gives it. For UAPI and API 2 put the account
 * first, as 'cpanel.user'.
 */
export function covered(fn: string, raw: Args): Covered | undefined {
  for (const action of covering(fn)) {
    const params = action.covers?.[fn]?.(raw);
    if (params !== undefined) return { action, params };
  }
  return undefined;
}
