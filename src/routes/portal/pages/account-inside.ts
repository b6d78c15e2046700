/** What is in an account, as the masters say it: both side by side, domains, mail, databases, FTP. */
import type { Request } from 'express';
import { lookAtAccount } from '../../../actions/account/seen.ts';
import { mysql, postgres } from '../../../actions/database/engine.ts';
import { lookAtDatabases } from '../../../actions/database/seen.ts';
import type { Action } from '../../../actions/define.ts';
import { lookAtDomains } from '../../../actions/domain/seen.ts';
import type { AccountRow } from '../../../operations/model.ts';
import { uapi } from '../../../whm/call.ts';
import type { PortalParts } from '../deps.ts';
import { namesOf } from '../frame.ts';
import { knownBlocks, waitFor } from '../live.ts';
import { readableDomain } from '../present/idn.ts';
import type { Known } from '../remembered.ts';
import type { Block, Cell, Link } from '../sheet.ts';
import {
  type Columns,
  type DomainItem,
  databasesShape,
  domainsShape,
  ftpShape,
  mailboxesShape,
  sideBySide,
  summaryShape,
} from './account-shapes.ts';

interface Inside {
  readonly parts: PortalParts;
  readonly user: string;
  readonly allowed: readonly Action[];
}

type Extra = Readonly<Record<string, string>>;

/** Links to the forms of these actions that the person may do, with what is known filled in. */
function links({ user, allowed }: Inside, ids: readonly string[], extra: Extra = {}): readonly Link[] {
  return ids.flatMap((id) =>
    allowed
      .filter((action) => action.id === id)
      .map((action) => {
        const query = new URLSearchParams({ account: user, ...extra }).toString();
        return { label: action.title, href: `/actions/${id}?${query}` };
      }),
  );
}

function add(inside: Inside, ...ids: readonly string[]): readonly Block[] {
  const found = links(inside, ids);
  return found.length === 0 ? [] : [{ kind: 'buttons', links: found, posts: [] }];
}

function linkCell(inside: Inside, id: string, extra: Extra): Cell {
  const [first] = links(inside, [id], extra);
  return first === undefined ? { text: '' } : { text: first.label, href: first.href };
}

/** Everything that is in the account. */
export async function insideBlocks(
  parts: PortalParts,
  request: Request,
  row: AccountRow,
  allowed: readonly Action[],
): Promise<readonly Block[]> {
  const { user } = row;
  const waitMs = waitFor(request);
  const names = namesOf(parts);
  const { ask } = parts.remembered;
  const inside = { parts, user, allowed };
  const [domains, mailboxes, databases, postgresDatabases, ftp, summaries] = await Promise.all([
    ask({ call: lookAtDomains(user), shape: domainsShape, account: user }, waitMs),
    ask({ call: uapi(user, 'Email::list_pops_with_disk'), shape: mailboxesShape, account: user }, waitMs),
    ask({ call: lookAtDatabases(user, mysql), shape: databasesShape, account: user }, waitMs),
    ask({ call: lookAtDatabases(user, postgres), shape: databasesShape, account: user }, waitMs),
    ask({ call: uapi(user, 'Ftp::list_ftp'), shape: ftpShape, account: user }, waitMs),
    Promise.all(
      parts.masters.list.map((master) =>
        ask({ call: lookAtAccount(user), shape: summaryShape, master: master.id }, waitMs),
      ),
    ),
  ]);
  const columns: Columns = parts.masters.list.map((master, at) => {
    const known = summaries[at];
    return { name: names(master.id), value: known?.value?.acct[0], problem: known?.problem ?? '' };
  });
  return [
    { kind: 'heading', text: parts.say('account.both'), id: 'masters' },
    ...sideBySide(parts, columns),
    ...domainBlocks(inside, domains),
    ...mailBlocks(inside, mailboxes),
    ...databaseBlocks(inside, databases),
    ...postgresBlocks(inside, postgresDatabases),
    ...ftpBlocks(inside, ftp),
  ];
}

function domainBlocks(inside: Inside, domains: Known<readonly DomainItem[]>): readonly Block[] {
  const { say } = inside.parts;
  return [
    { kind: 'heading', text: say('account.domains'), id: 'domains' },
    ...knownBlocks(inside.parts, domains, namesOf(inside.parts), (value) => [
      {
        kind: 'table',
        columns: [say('account.domain'), say('account.kind'), say('zones.title')],
        empty: '',
        rows: value.map((one) => [
          { text: one.domain, machine: true, meta: readableDomain(one.domain) },
          { text: say(`domain.${one.kind}`) },
          one.kind === 'sub'
            ? { text: '–' }
            : { text: say('zones.open'), href: `/zones/${encodeURIComponent(one.domain)}` },
        ]),
      },
    ]),
    ...add(inside, 'domain.add-addon', 'domain.add-alias', 'domain.add-sub'),
  ];
}

function mailBlocks(
  inside: Inside,
  mailboxes: Known<readonly { readonly email: string; readonly quota: string; readonly used: string }[]>,
): readonly Block[] {
  const { say } = inside.parts;
  return [
    { kind: 'heading', text: say('account.mail'), id: 'mail' },
    ...knownBlocks(inside.parts, mailboxes, namesOf(inside.parts), (value) => [
      {
        kind: 'table',
        columns: [say('account.mailbox'), say('account.quota'), say('account.used'), say('account.change')],
        empty: say('account.mail.empty'),
        small: true,
        rows: value.map((one) => [
          { text: one.email, machine: true },
          { text: one.quota, number: true },
          { text: one.used, number: true },
          linkCell(inside, 'mailbox.password', { address: one.email }),
        ]),
      },
    ]),
    ...add(inside, 'mailbox.add', 'forwarder.add', 'autoresponder.set'),
  ];
}

type Databases = Known<readonly { readonly database: string; readonly users: string }[]>;

function databaseBlocks(inside: Inside, databases: Databases): readonly Block[] {
  const { say } = inside.parts;
  return [
    { kind: 'heading', text: say('account.databases'), id: 'databases' },
    ...databaseTable(inside, databases),
    ...add(inside, 'database.add', 'database-user.add', 'database-user.grant'),
  ];
}

/** Most masters have no PostgreSQL and say so in place of a list: then there is nothing to show. */
function postgresBlocks(inside: Inside, databases: Databases): readonly Block[] {
  if (databases.value === undefined) return [];
  return [
    { kind: 'heading', text: inside.parts.say('account.postgres'), id: 'postgres' },
    ...databaseTable(inside, databases),
    ...add(inside, 'postgres-database.add', 'postgres-user.add', 'postgres-user.grant'),
  ];
}

function databaseTable(inside: Inside, databases: Databases): readonly Block[] {
  const { say } = inside.parts;
  return [
    ...knownBlocks(inside.parts, databases, namesOf(inside.parts), (value) => [
      {
        kind: 'table',
        columns: [say('account.database'), say('account.users')],
        empty: say('account.databases.empty'),
        small: true,
        rows: value.map((one) => [
          { text: one.database, machine: true },
          { text: one.users, machine: true },
        ]),
      },
    ]),
  ];
}

function ftpBlocks(
  inside: Inside,
  ftp: Known<readonly { readonly user: string; readonly type: string; readonly homedir: string }[]>,
): readonly Block[] {
  const { say } = inside.parts;
  return [
    { kind: 'heading', text: say('account.ftp'), id: 'ftp' },
    ...knownBlocks(inside.parts, ftp, namesOf(inside.parts), (value) => [
      {
        kind: 'table',
        columns: [say('account.ftp.user'), say('account.kind'), say('account.folder')],
        empty: say('account.ftp.empty'),
        small: true,
        rows: value.map((one) => [
          { text: one.user, machine: true },
          { text: one.type },
          { text: one.homedir, machine: true },
        ]),
      },
    ]),
    ...add(inside, 'ftp.add'),
  ];
}
