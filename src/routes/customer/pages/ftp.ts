/** FTP accounts. They exist on every master, with the same password; the host name leads to the active one. */
import { z } from 'zod';
import { Invalid, NotAllowed, NotFound } from '../../../errors.ts';
import { uapi } from '../../../whm/call.ts';
import type { Block, Sheet } from '../../portal/sheet.ts';
import { confirmField, type FormField, formBlock, mustConfirm } from '../forms.ts';
import { limitOf } from '../limit.ts';
import { knownBlocks } from '../live.ts';
import { inHome, reachesBelow } from '../mail-reach.ts';
import type { CustomerPage } from '../page.ts';
import { sizeIn } from '../present/time.ts';
import type { Visit } from '../visit.ts';
import { accountRow } from '../who.ts';
import { domainNames } from './domain-names.ts';

const path = '/my/access/ftp';

const rows = z.array(
  z.object({
    login: z.string(),
    serverlogin: z.string().nullish(),
    accttype: z.string().nullish(),
    reldir: z.string().nullish(),
    dir: z.string().nullish(),
    diskquota: z.union([z.string(), z.number()]).nullish(),
    humandiskused: z.string().nullish(),
  }),
);

type Ftp = z.output<typeof rows>[number];

const wholeLogin = (one: Ftp): string => one.serverlogin ?? one.login;

function oneHref(login: string): string {
  return `${path}/one?${new URLSearchParams({ login }).toString()}`;
}

/** A home's path as its owner knows it. */
function folderOf(visit: Visit, one: Ftp): string {
  const dir = one.reldir ?? one.dir ?? '';
  return inHome(visit.account, dir) ?? dir;
}

/** Whether this visitor may sign in there, which whoever knows the password can. */
function reachesAccount(visit: Visit, one: Ftp): boolean {
  const folder = inHome(visit.account, one.reldir ?? one.dir ?? '');
  return folder !== undefined && reachesBelow(visit.who, folder);
}

/** Throws NotAllowed for an account whose folder holds e-mail; asked anew, since a new password opens it. */
async function mustReachAccount(visit: Visit, whole: string): Promise<void> {
  if (reachesBelow(visit.who, '')) return;
  const { outcome } = await visit.parts.reads.call(uapi(visit.account, 'Ftp::list_ftp_with_disk'), visit.account);
  const list = outcome.kind === 'done' ? rows.safeParse(outcome.data) : undefined;
  const found = list?.data?.find((one) => wholeLogin(one) === whole);
  if (found === undefined || !reachesAccount(visit, found)) throw new NotAllowed('ftp.mail');
}

function quotaText(visit: Visit, one: Ftp): string {
  const quota = Number(one.diskquota);
  return Number.isNaN(quota) || quota === 0 ? visit.say('unlimited') : String(Math.round(quota));
}

/** cPanel says 'None' where nothing is used, in every language. */
function usedText({ language }: Visit, { humandiskused }: Ftp): string {
  const used = humandiskused ?? '';
  return used === '' || used === 'None' ? sizeIn(language, 0) : used;
}

function listBlocks(visit: Visit, list: readonly Ftp[]): readonly Block[] {
  const { say } = visit;
  // cPanel's own accounts have no domain, and nothing here can be done with them.
  const own = list.filter((one) => wholeLogin(one).includes('@') && one.accttype !== 'main');
  return [
    {
      kind: 'table',
      columns: [say('ftp.login'), say('ftp.folder'), say('ftp.used'), say('ftp.quota')],
      rows: own.map((one) => [
        { text: wholeLogin(one), href: oneHref(wholeLogin(one)), machine: true },
        { text: folderOf(visit, one), machine: true },
        { text: usedText(visit, one) },
        { text: quotaText(visit, one), number: true },
      ]),
      empty: say('ftp.none'),
    },
  ];
}

async function addingFields(visit: Visit): Promise<readonly FormField[]> {
  const { say } = visit;
  const options = await domainNames(visit);
  return [
    { name: 'login', label: say('ftp.login'), help: say('ftp.login.help'), input: 'text', required: true },
    { name: 'domain', label: say('ftp.domain'), input: 'select', required: true, options },
    { name: 'password', label: say('ftp.password'), input: 'password', secret: true, required: true },
    { name: 'folder', label: say('ftp.folder'), help: say('ftp.folder.help'), input: 'text', required: false },
    { name: 'quotaMb', label: say('ftp.quota'), help: say('ftp.quota.help'), input: 'text', required: false },
  ];
}

async function listSheet(visit: Visit): Promise<Sheet> {
  const { say, account } = visit;
  const known = await visit.ask(uapi(account, 'Ftp::list_ftp_with_disk'), rows);
  const limit = await limitOf(visit, 'ftpaccounts');
  const domain = (await accountRow(visit.parts, account)).row?.domain ?? '';
  const full: Block = { kind: 'text', text: say('ftp.full', { most: limit?.most ?? 0 }), tone: 'note' };
  return {
    heading: say('ftp.title'),
    blocks: [
      ...knownBlocks(visit, known, (list) => listBlocks(visit, list)),
      ...(limit?.isFull === true
        ? [full]
        : formBlock(visit, {
            action: path,
            fields: await addingFields(visit),
            button: say('ftp.add'),
            fold: say('ftp.new'),
          })),
      { kind: 'text', text: say('ftp.host', { domain }), tone: 'meta' },
    ],
  };
}

interface Login {
  readonly login: string;
  readonly domain: string;
}

function loginOf(visit: Visit): Login & { readonly whole: string } {
  const given = visit.request.method === 'POST' ? visit.body['of'] : visit.request.query['login'];
  const whole = typeof given === 'string' ? given : '';
  const at = whole.lastIndexOf('@');
  if (at < 1) throw new NotFound('problem.not-found');
  return { login: whole.slice(0, at), domain: whole.slice(at + 1), whole };
}

async function oneSheet(visit: Visit): Promise<Sheet> {
  const { say, account } = visit;
  const { whole } = loginOf(visit);
  const known = await visit.ask(uapi(account, 'Ftp::list_ftp_with_disk'), rows);
  const found = known.value?.find((one) => wholeLogin(one) === whole);
  if (known.value !== undefined && found === undefined && !known.old) throw new NotFound('problem.not-found');
  const hidden = { of: whole };
  return {
    heading: whole,
    machine: true,
    trail: { label: say('ftp.title'), href: path },
    blocks: [
      ...knownBlocks(visit, known, () =>
        found === undefined
          ? []
          : [
              {
                kind: 'facts',
                rows: [
                  { label: say('ftp.folder'), text: folderOf(visit, found), machine: true },
                  { label: say('ftp.quota'), text: quotaText(visit, found) },
                ],
              },
            ],
      ),
      ...(found !== undefined && !reachesAccount(visit, found)
        ? [{ kind: 'text', text: say('ftp.mail'), tone: 'meta' } as const]
        : formBlock(visit, {
            action: `${path}/password`,
            fields: [{ name: 'password', label: say('ftp.password'), input: 'password', secret: true, required: true }],
            hidden,
            button: say('ftp.password.set'),
            fold: say('ftp.password.set'),
          })),
      ...formBlock(visit, {
        action: `${path}/quota`,
        fields: [
          { name: 'quotaMb', label: say('ftp.quota'), help: say('ftp.quota.help'), input: 'text', required: true },
        ],
        hidden,
        button: say('ftp.quota.set'),
        fold: say('ftp.quota.set'),
      }),
      ...formBlock(visit, {
        action: `${path}/delete`,
        fields: [{ ...confirmField(visit, whole), help: `${whole}. ${say('ftp.delete.what')}` }],
        hidden,
        button: say('ftp.delete'),
        danger: true,
        fold: say('ftp.delete'),
      }),
    ],
  };
}

export const ftpPage: CustomerPage = {
  path,
  goal: 'access',
  title: 'ftp.title',
  order: 10,
  area: 'access',
  feature: 'ftpaccts',
  routes(to) {
    to.show(path, listSheet);
    to.act(
      path,
      (v) => {
        const { login, domain, password, folder, quotaMb } = v.body;
        // Left empty it is a folder of the site.
        if (folder !== undefined && folder !== '' && !reachesBelow(v.who, inHome(v.account, folder) ?? folder))
          throw new Invalid('form.again', [{ path: 'folder', message: 'ftp.mail' }]);
        const params = {
          account: v.account,
          login,
          domain,
          password,
          asHash: true,
          ...(folder === undefined || folder === '' ? {} : { folder }),
          ...(quotaMb === undefined || quotaMb === '' ? {} : { quotaMb }),
        };
        return v.submit('ftp.add', params, path);
      },
      listSheet,
    );
    to.show(`${path}/one`, oneSheet);
    to.act(
      `${path}/password`,
      async (v) => {
        const { login, domain, whole } = loginOf(v);
        await mustReachAccount(v, whole);
        const params = { account: v.account, login, domain, password: v.body['password'] };
        return v.submit('ftp.password', params, oneHref(whole));
      },
      oneSheet,
    );
    to.act(
      `${path}/quota`,
      (v) => {
        const { login, domain, whole } = loginOf(v);
        return v.submit('ftp.quota', { account: v.account, login, domain, quotaMb: v.body['quotaMb'] }, oneHref(whole));
      },
      oneSheet,
    );
    to.act(
      `${path}/delete`,
      (v) => {
        const { login, domain, whole } = loginOf(v);
        mustConfirm(v, whole);
        return v.submit('ftp.delete', { account: v.account, login, domain }, path);
      },
      oneSheet,
    );
  },
};
