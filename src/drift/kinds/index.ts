/** Every kind of thing that is compared. A further one is a file and a line. */
import type { Masters } from '../../masters.ts';
import type { Kind } from '../model.ts';
import { accountKind } from './account.ts';
import { autoresponderKind } from './autoresponder.ts';
import { certificateKind } from './certificate.ts';
import { databaseKind, postgresDatabaseKind } from './database.ts';
import { databaseUserKind, postgresUserKind } from './database-user.ts';
import { defaultAddressKind } from './default-address.ts';
import { dkimKind } from './dkim.ts';
import { domainKind } from './domain.ts';
import { featureListKind } from './feature-list.ts';
import { forwarderKind } from './forwarder.ts';
import { ftpKind } from './ftp.ts';
import { grantKind } from './grant.ts';
import { mailboxKind } from './mailbox.ts';
import { ownNamesKind } from './own-names.ts';
import { packageKind } from './package.ts';
import { postgresGrantKind } from './postgres-grant.ts';
import { resellerKind } from './reseller.ts';
import { serverKind } from './server.ts';
import { spfKind } from './spf.ts';
import { zoneKind } from './zone.ts';

const all: readonly Kind[] = [
  serverKind,
  featureListKind,
  packageKind,
  accountKind,
  resellerKind,
  domainKind,
  zoneKind,
  dkimKind,
  spfKind,
  ownNamesKind,
  mailboxKind,
  forwarderKind,
  autoresponderKind,
  defaultAddressKind,
  databaseKind,
  databaseUserKind,
  grantKind,
  postgresDatabaseKind,
  postgresUserKind,
  postgresGrantKind,
  ftpKind,
  certificateKind,
];

/** In the order in which repairs run: what others stand on comes first. */
export const kinds: readonly Kind[] = [...all].sort((a, b) => a.rank - b.rank);

const byId = new Map(kinds.map((kind) => [kind.id, kind]));

/** undefined: no such kind, perhaps a finding of another version. */
export function kindOf(id: string): Kind | undefined {
  return byId.get(id);
}

/** The kinds of accounts that these masters can be asked for. */
export function accountKindsFor({ list }: Pick<Masters, 'list'>): readonly Kind[] {
  const isThere = (kind: Kind): boolean => kind.needs === undefined || list.every((one) => one.postgres !== undefined);
  return kinds.filter((kind) => kind.scope === 'account' && isThere(kind));
}

export const serverKinds = kinds.filter((kind) => kind.scope === 'server');
