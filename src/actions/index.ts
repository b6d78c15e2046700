import type { Args } from '../whm/call.ts';
import { changePackage } from './account/change-package.ts';
import { setContact } from './account/contact.ts';
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
import { makeBackup } from './backup/make.ts';
import { restoreFiles } from './backup/restore.ts';
import { blockAddress, unblockAddress } from './block/change.ts';
import { checkAutossl } from './certificate/check.ts';
import { installCertificate } from './certificate/install.ts';
import { setCron } from './cron/set.ts';
import { addDatabase, addPostgresDatabase } from './database/add.ts';
import { deleteDatabase, deletePostgresDatabase } from './database/delete.ts';
import { renamePostgresDatabase } from './database/rename.ts';
import { addDatabaseUser, addPostgresUser } from './database-user/add.ts';
import { deleteDatabaseUser, deletePostgresUser } from './database-user/delete.ts';
import { grantDatabase } from './database-user/grant.ts';
import { setDatabaseUserPassword, setPostgresUserPassword } from './database-user/password.ts';
import { grantPostgresDatabase, revokePostgresDatabase } from './database-user/postgres-access.ts';
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
import { addFeatureList } from './feature-list/add.ts';
import { deleteFeatureList } from './feature-list/delete.ts';
import { editFeatureList } from './feature-list/edit.ts';
import { copyFiles, moveFiles } from './file/carry.ts';
import { compressFiles } from './file/compress.ts';
import { deleteFiles } from './file/delete.ts';
import { extractFile } from './file/extract.ts';
import { makeFolder } from './file/make-folder.ts';
import { setPermissions } from './file/permissions.ts';
import { renameFile } from './file/rename.ts';
import { saveFile } from './file/save.ts';
import { addForwarder } from './forwarder/add.ts';
import { deleteForwarder } from './forwarder/delete.ts';
import { addFtp } from './ftp/add.ts';
import { deleteFtp } from './ftp/delete.ts';
import { setFtpPassword } from './ftp/password.ts';
import { setFtpQuota } from './ftp/quota.ts';
import { forceHttps } from './https/force.ts';
import { deleteMailFilter } from './mail-filter/delete.ts';
import { setMailFilter } from './mail-filter/set.ts';
import { switchMailFilter } from './mail-filter/switch.ts';
import { setMailRouting } from './mail-routing/set.ts';
import { setMailboxAccess } from './mailbox/access.ts';
import { addMailbox } from './mailbox/add.ts';
import { deleteMailbox } from './mailbox/delete.ts';
import { setMailboxPassword } from './mailbox/password.ts';
import { setMailboxQuota } from './mailbox/quota.ts';
import { installOwnNames } from './own-names/install.ts';
import { addPackage } from './package/add.ts';
import { deletePackage } from './package/delete.ts';
import { editPackage } from './package/edit.ts';
import { setPhpSettings } from './php/settings.ts';
import { setPhpVersion } from './php/version.ts';
import { setPrivacy } from './privacy/set.ts';
import { deletePrivacyUser, setPrivacyUser } from './privacy/users.ts';
import { addRedirect } from './redirect/add.ts';
import { deleteRedirect } from './redirect/delete.ts';
import { setSpam } from './spam/set.ts';
import { installSpf } from './spf/install.ts';

import { callWhm } from './whm/call.ts';

export { type Field, fieldsOf, redact, secretsOf } from './forms.ts';

/** The catalogue: everything that Tandem can do, in the order in which it is shown. */
export const actions: readonly Action[] = [
  createAccount,
  modifyAccount,
  changePackage,
  setContact,
  setAccountPassword,
  suspendAccount,
  unsuspendAccount,
  renameAccount,
  terminateAccount,
  restoreAccount,
  addPackage,
  editPackage,
  deletePackage,
  addFeatureList,
  editFeatureList,
  deleteFeatureList,
  addMailbox,
  setMailboxPassword,
  setMailboxQuota,
  setMailboxAccess,
  deleteMailbox,
  addForwarder,
  deleteForwarder,
  setAutoresponder,
  deleteAutoresponder,
  setDefaultAddress,
  setMailFilter,
  switchMailFilter,
  deleteMailFilter,
  setMailRouting,
  setSpam,
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
  installOwnNames,
  installCertificate,
  addDatabase,
  deleteDatabase,
  addDatabaseUser,
  setDatabaseUserPassword,
  deleteDatabaseUser,
  grantDatabase,
  revokeDatabase,
  addPostgresDatabase,
  renamePostgresDatabase,
  deletePostgresDatabase,
  addPostgresUser,
  setPostgresUserPassword,
  deletePostgresUser,
  grantPostgresDatabase,
  revokePostgresDatabase,
  addFtp,
  setFtpPassword,
  setFtpQuota,
  deleteFtp,
  saveFile,
  makeFolder,
  renameFile,
  moveFiles,
  copyFiles,
  compressFiles,
  extractFile,
  setPermissions,
  deleteFiles,
  forceHttps,
  checkAutossl,
  setPhpVersion,
  setPhpSettings,
  setCron,
  addRedirect,
  deleteRedirect,
  setPrivacy,
  setPrivacyUser,
  deletePrivacyUser,
  blockAddress,
  unblockAddress,
  makeBackup,
  restoreFiles,
  callWhm,
];

const byId: ReadonlyMap<string, Action> = new Map(actions.map((action) => [action.id, action]));

/** The action of an id from the journal, a form or the command line; undefined: there is none. */
export function actionOf(id: string): Action | undefined {
  return byId.get(id);
}

const byFunction: ReadonlyMap<string, readonly Action[]> = new Map(
  [...new Set(actions.flatMap((action) => Object.keys(action.covers ?? {})))].map((fn) => [
    fn,
    actions.filter((action) => action.covers !== undefined && Object.hasOwn(action.covers, fn)),
  ]),
);

/** The actions that may take over a passthrough function ('createacct', 'Email::add_pop'), best first. */
export function covering(fn: string): readonly Action[] {
  return byFunction.get(fn) ?? [];
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
