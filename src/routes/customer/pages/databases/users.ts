/** Users of databases. */
import { lookAtUsers } from '../../../../actions/database/seen.ts';
import { NotFound } from '../../../../errors.ts';
import type { Sheet } from '../../../portal/sheet.ts';
import { confirmField, formBlock, mustConfirm } from '../../forms.ts';
import { knownBlocks, knownOr } from '../../live.ts';
import type { CustomerPage, SheetOf } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import {
  askDatabases,
  type Database,
  type Desk,
  mysqlDesk,
  named,
  nameOf,
  postgresDesk,
  prefixOf,
  userHref,
} from './names.ts';

/** The databases that a user may use. */
function usedBy(user: string, databases: readonly Database[]): string {
  return databases
    .filter((one) => one.users?.includes(user) === true)
    .map((one) => one.database)
    .join(', ');
}

/** An empty place would look like a fault. */
function useText({ say }: Visit, name: string, databases: readonly Database[]) {
  const used = usedBy(name, databases);
  return used === '' ? { text: say('databases.user.no-database') } : { text: used, machine: true };
}

function askUsers(visit: Visit, desk: Desk) {
  return Promise.all([
    visit.ask(lookAtUsers(visit.account, desk.engine), desk.engine.users),
    askDatabases(visit, desk).then((known) => knownOr(known, [])),
  ]);
}

async function usersSheet(visit: Visit, desk: Desk): Promise<Sheet> {
  const { say } = visit;
  const [known, databases] = await askUsers(visit, desk);
  const label = say('databases.user.name', { prefix: await prefixOf(visit, desk) });
  return {
    heading: say(desk.userTitle),
    blocks: [
      ...knownBlocks(visit, known, (list) => [
        {
          kind: 'table',
          columns: [say('databases.user'), say('databases.user.databases')],
          rows: list.map((one) => [
            { text: one, href: userHref(desk, one), machine: true },
            useText(visit, one, databases),
          ]),
          empty: say('databases.user.none'),
        },
      ]),
      ...formBlock(visit, {
        action: `${desk.path}/users`,
        fields: [
          { name: 'name', label, input: 'text', required: true },
          { name: 'password', label: say('databases.user.password'), input: 'password', secret: true, required: true },
        ],
        button: say('databases.user.add'),
        fold: say('databases.user.new'),
      }),
    ],
  };
}

async function userSheet(visit: Visit, desk: Desk): Promise<Sheet> {
  const { say } = visit;
  const name = nameOf(visit);
  const [known, databases] = await askUsers(visit, desk);
  if (known.value?.includes(name) === false && !known.old) throw new NotFound('problem.not-found');
  return {
    heading: name,
    machine: true,
    trail: { label: say(desk.userTitle), href: `${desk.path}/users` },
    blocks: [
      ...knownBlocks(visit, known, () => [
        {
          kind: 'facts',
          rows: [{ label: say('databases.user.databases'), ...useText(visit, name, databases) }],
        },
      ]),
      ...formBlock(visit, {
        action: `${desk.path}/user`,
        fields: [
          {
            name: 'password',
            label: say('databases.user.password.new'),
            input: 'password',
            secret: true,
            required: true,
          },
        ],
        hidden: { name },
        button: say('databases.user.password.set'),
      }),
      ...formBlock(visit, {
        action: `${desk.path}/user/delete`,
        fields: [confirmField(visit, name)],
        hidden: { name },
        button: say('databases.user.delete'),
        danger: true,
        fold: say('databases.user.delete'),
      }),
    ],
  };
}

const shared = { goal: 'databases', area: 'databases' } as const;

function userPage(desk: Desk): CustomerPage {
  const path = `${desk.path}/user`;
  const sheet: SheetOf = (v) => userSheet(v, desk);
  return {
    ...shared,
    ...{ path, title: desk.userTitle, feature: desk.feature },
    routes(to) {
      to.show(path, sheet);
      to.act(
        path,
        (v) => {
          const name = nameOf(v);
          const params = { account: v.account, name, password: v.body['password'] };
          return v.submit(`${desk.user}.password`, params, userHref(desk, name));
        },
        sheet,
      );
      to.act(
        `${path}/delete`,
        (v) => {
          const name = nameOf(v);
          mustConfirm(v, name);
          return v.submit(`${desk.user}.delete`, { account: v.account, name }, `${desk.path}/users`);
        },
        sheet,
      );
    },
  };
}

function userListPage(desk: Desk): CustomerPage {
  const path = `${desk.path}/users`;
  const sheet: SheetOf = (v) => usersSheet(v, desk);
  return {
    ...shared,
    ...{ path, title: desk.userTitle, order: desk.order + 10, feature: desk.feature },
    routes(to) {
      to.show(path, sheet);
      to.act(
        path,
        async (v) => {
          const name = await named(v, desk, v.body['name']);
          const params = { account: v.account, name, password: v.body['password'] };
          return v.submit(`${desk.user}.add`, params, userHref(desk, name));
        },
        sheet,
      );
    },
  };
}

export const databaseUsersPage = userPage(mysqlDesk);
export const databaseUserListPage = userListPage(mysqlDesk);
export const postgresUsersPage = userPage(postgresDesk);
export const postgresUserListPage = userListPage(postgresDesk);
