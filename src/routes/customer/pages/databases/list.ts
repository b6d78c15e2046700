/** Databases of MySQL and PostgreSQL, who may use them, and the way to phpMyAdmin. */
import { z } from 'zod';
import { canonicalPrivileges, lookAtUsers } from '../../../../actions/database/seen.ts';
import { customerReach } from '../../../../auth/customers.ts';
import { NotFound } from '../../../../errors.ts';
import { uapi } from '../../../../whm/call.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { confirmField, type FormField, formBlock, mustConfirm, postButton } from '../../forms.ts';
import { type Limit, limitOf, limitText } from '../../limit.ts';
import { knownBlocks, knownOr } from '../../live.ts';
import type { CustomerPage, RouteList, SheetOf } from '../../page.ts';
import { sizeIn } from '../../present/time.ts';
import type { Visit } from '../../visit.ts';
import {
  askDatabases,
  type Database,
  type Desk,
  mysqlDesk,
  named,
  nameOf,
  openHref,
  postgresDesk,
  prefixOf,
  userHref,
} from './names.ts';
import { phpMyAdminSheet, sendDoor } from './php-my-admin.ts';

const privileges = z.union([
  z.array(z.string()),
  z.string().transform((text) => text.split(',')),
  z.null().transform(() => []),
]);

const readOnly = 'SELECT,SHOW VIEW';
const writing = 'DELETE,INSERT,SELECT,SHOW VIEW,UPDATE';

function listBlocks(visit: Visit, desk: Desk, list: readonly Database[]): readonly Block[] {
  const { say, language } = visit;
  return [
    {
      kind: 'table',
      columns: [say('databases.name'), say('databases.size'), say('databases.users')],
      rows: list.map((one) => [
        { text: one.database, href: openHref(desk, one.database), machine: true },
        { text: sizeIn(language, one.disk_usage ?? 0), number: true },
        (one.users ?? []).length === 0
          ? { text: say('databases.no-user') }
          : { text: (one.users ?? []).join(', '), machine: true },
      ]),
      empty: say('databases.none'),
    },
  ];
}

/** The package's limit, of which cPanel counts MySQL's. */
async function limitAt(visit: Visit, desk: Desk): Promise<Limit | undefined> {
  return desk === mysqlDesk ? await limitOf(visit, 'sqldatabases') : undefined;
}

async function adding(visit: Visit, desk: Desk): Promise<readonly Block[]> {
  const { say } = visit;
  const limit = await limitAt(visit, desk);
  if (limit?.isFull === true) {
    return [{ kind: 'text', text: say('databases.full', { most: limit.most }), tone: 'note' }];
  }
  const label = say('databases.new.name', { prefix: await prefixOf(visit, desk) });
  return formBlock(visit, {
    action: desk.path,
    fields: [{ name: 'name', label, input: 'text', required: true }],
    button: say('databases.add'),
    fold: say('databases.new'),
  });
}

async function listSheet(visit: Visit, desk: Desk): Promise<Sheet> {
  const { say } = visit;
  const known = await askDatabases(visit, desk);
  return {
    heading: say(desk.title),
    ...limitText(await limitAt(visit, desk), (v) => say('databases.of', v)),
    blocks: [
      ...knownBlocks(visit, known, (list) => listBlocks(visit, desk, list)),
      ...(await adding(visit, desk)),
      { kind: 'text', text: say('databases.host'), tone: 'meta' },
      ...(desk === postgresDesk ? [noPgAdmin(visit)] : []),
    ],
  };
}

/** Whoever comes from cPanel looks for phpPgAdmin here. */
function noPgAdmin({ say, who }: Visit): Block {
  const link = { label: say('other.title'), href: '/my/websites/other' };
  const isReached = customerReach(who, 'websites') !== 'none';
  return { kind: 'text', text: say('databases.no-pgadmin'), tone: 'meta', ...(isReached ? { link } : {}) };
}

/** What the user may do there, in a word or as privileges. PostgreSQL in cPanel knows all or nothing. */
async function mayText(visit: Visit, desk: Desk, user: string, database: string): Promise<string> {
  if (desk !== mysqlDesk) return visit.say('databases.grant.all');
  const call = uapi(visit.account, 'Mysql::get_privileges_on_database', { user, database });
  const known = await visit.ask(call, privileges);
  return known.value === undefined ? '' : wordOf(visit, canonicalPrivileges(known.value));
}

async function accessBlocks(
  visit: Visit,
  desk: Desk,
  name: string,
  holders: readonly string[],
): Promise<readonly Block[]> {
  const { say } = visit;
  const rows = await Promise.all(
    holders.map(async (user) => {
      const text = await mayText(visit, desk, user, name);
      const buttons = postButton(visit, say('databases.revoke'), `${desk.path}/revoke`, { name, user });
      return [{ text: user, href: userHref(desk, user), machine: true }, { text }, { buttons }];
    }),
  );
  return [
    {
      kind: 'table',
      columns: [say('databases.user'), say('databases.grant.what'), ''],
      rows,
      empty: say('databases.user.none'),
      small: true,
    },
  ];
}

function wordOf(visit: Visit, list: readonly string[]): string {
  const joined = list.join(',');
  if (joined === 'ALL PRIVILEGES') return visit.say('databases.grant.all');
  if (joined === readOnly) return visit.say('databases.grant.read');
  return joined === writing ? visit.say('databases.grant.write') : list.join(', ');
}

function privilegeFields({ say }: Visit): readonly FormField[] {
  const optionLabels = {
    'ALL PRIVILEGES': say('databases.grant.all'),
    [writing]: say('databases.grant.write'),
    [readOnly]: say('databases.grant.read'),
  };
  const options = Object.keys(optionLabels);
  return [
    { name: 'privileges', label: say('databases.grant.what'), input: 'select', required: true, options, optionLabels },
  ];
}

function granting(visit: Visit, desk: Desk, name: string, all: readonly string[]): readonly Block[] {
  const { say } = visit;
  if (all.length === 0) return [];
  return formBlock(visit, {
    action: `${desk.path}/grant`,
    fields: [
      { name: 'user', label: say('databases.grant.user'), input: 'select', required: true, options: all },
      ...(desk === mysqlDesk ? privilegeFields(visit) : []),
    ],
    hidden: { name },
    button: say('databases.grant'),
    fold: say('databases.grant'),
  });
}

async function renaming(visit: Visit, desk: Desk, name: string): Promise<readonly Block[]> {
  if (desk === mysqlDesk) return [];
  const { say } = visit;
  const label = say('databases.new.name', { prefix: await prefixOf(visit, desk) });
  return formBlock(visit, {
    action: `${desk.path}/rename`,
    fields: [{ name: 'newName', label, input: 'text', required: true, help: say('databases.rename.what') }],
    hidden: { name },
    button: say('databases.rename'),
    fold: say('databases.rename'),
  });
}

async function oneSheet(visit: Visit, desk: Desk): Promise<Sheet> {
  const { say, account } = visit;
  const { engine, path } = desk;
  const name = nameOf(visit);
  const [known, people] = await Promise.all([
    askDatabases(visit, desk),
    visit.ask(lookAtUsers(account, engine), engine.users),
  ]);
  const found = known.value?.find((one) => one.database === name);
  if (known.value !== undefined && found === undefined && !known.old) throw new NotFound('problem.not-found');
  const access = await accessBlocks(visit, desk, name, found?.users ?? []);
  const phpMyAdmin = { label: say('databases.open'), href: `${path}/open?${new URLSearchParams({ name }).toString()}` };
  const canOpen = desk === mysqlDesk && visit.mayChange && visit.who.role === 'owner';
  return {
    heading: name,
    machine: true,
    trail: { label: say(desk.title), href: path },
    ...(canOpen ? { primary: phpMyAdmin } : {}),
    blocks: [
      ...knownBlocks(visit, known, () => access),
      ...granting(visit, desk, name, knownOr(people, [])),
      ...(await renaming(visit, desk, name)),
      ...formBlock(visit, {
        action: `${path}/delete`,
        fields: [{ ...confirmField(visit, name), help: say('databases.delete.what', { name }) }],
        hidden: { name },
        button: say('databases.delete'),
        danger: true,
        fold: say('databases.delete'),
      }),
    ],
  };
}

/** Routes that both engines have. */
function common(to: RouteList, desk: Desk): void {
  const { path } = desk;
  const list: SheetOf = (v) => listSheet(v, desk);
  const one: SheetOf = (v) => oneSheet(v, desk);
  to.show(path, list);
  to.act(
    path,
    async (v) => {
      const name = await named(v, desk, v.body['name']);
      return v.submit(`${desk.database}.add`, { account: v.account, name }, openHref(desk, name));
    },
    list,
  );
  to.show(`${path}/one`, one);
  to.act(
    `${path}/grant`,
    (v) => {
      const database = nameOf(v);
      const { user, privileges: wanted } = v.body;
      const params = { account: v.account, user, database, ...(desk === mysqlDesk ? { privileges: wanted } : {}) };
      return v.submit(`${desk.user}.grant`, params, openHref(desk, database));
    },
    one,
  );
  to.act(
    `${path}/revoke`,
    (v) => {
      const database = nameOf(v);
      const params = { account: v.account, user: v.body['user'], database };
      return v.submit(`${desk.user}.revoke`, params, openHref(desk, database));
    },
    one,
  );
  to.act(
    `${path}/delete`,
    (v) => {
      const name = nameOf(v);
      mustConfirm(v, name);
      return v.submit(`${desk.database}.delete`, { account: v.account, name }, path);
    },
    one,
  );
}

const shared = { goal: 'databases', area: 'databases' } as const;

export const databasesPage: CustomerPage = {
  ...shared,
  ...{ path: mysqlDesk.path, title: mysqlDesk.title, order: mysqlDesk.order, feature: mysqlDesk.feature },
  routes(to) {
    const { path } = mysqlDesk;
    common(to, mysqlDesk);
    to.show(`${path}/open`, (v) => phpMyAdminSheet(v, nameOf(v)));
    to.take(`${path}/enter`, async (v) => {
      const name = nameOf(v);
      await sendDoor(v, { label: name, href: openHref(mysqlDesk, name) });
    });
  },
};

export const postgresPage: CustomerPage = {
  ...shared,
  ...{ path: postgresDesk.path, title: postgresDesk.title, order: postgresDesk.order, feature: postgresDesk.feature },
  routes(to) {
    common(to, postgresDesk);
    to.act(
      `${postgresDesk.path}/rename`,
      async (v) => {
        const name = nameOf(v);
        const newName = await named(v, postgresDesk, v.body['newName']);
        const params = { account: v.account, name, newName };
        return v.submit('postgres-database.rename', params, openHref(postgresDesk, newName));
      },
      (v) => oneSheet(v, postgresDesk),
    );
  },
};
