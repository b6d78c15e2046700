/** Who may see a site: folders behind a password, and addresses that are kept out. */
import { z } from 'zod';
import { blockedIn, lookAtBlocked } from '../../../../actions/block/seen.ts';
import { homePath } from '../../../../actions/fields.ts';
import { lookAtProtection, lookAtUsers } from '../../../../actions/privacy/seen.ts';
import { NotFound } from '../../../../errors.ts';
import { uapi } from '../../../../whm/call.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { askActive } from '../../active.ts';
import { formBlock, postButton } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';

const privacyPath = '/my/websites/privacy';
const blockPath = '/my/websites/blocked';

const protection = z.object({ protected: z.coerce.number(), auth_name: z.string().nullish() });
const child = z.object({ path: z.string(), state: protection.nullish() });
const listing = z.object({ children: z.array(child).nullish() });
const names = z.array(z.string());

function folderHref(folder: string): string {
  return `${privacyPath}/folder?${new URLSearchParams({ folder }).toString()}`;
}

function belowHome(visit: Visit, path: string): string {
  const home = new RegExp(`^/(?:home\\d*|[\\w-]+)/${visit.account}/`);
  return path.replace(home, '').replace(/^\/+/, '');
}

async function listSheet(visit: Visit): Promise<Sheet> {
  const { say, account } = visit;
  const known = await askActive(
    visit,
    uapi(account, 'DirectoryPrivacy::list_directories', { dir: 'public_html' }),
    listing,
  );
  return {
    heading: say('privacy.title'),
    blocks: [
      { kind: 'text', text: say('privacy.what') },
      ...knownBlocks(visit, known, ({ children }) => [
        {
          kind: 'table',
          columns: [say('privacy.folder'), say('privacy.state')],
          rows: (children ?? []).map((one) => {
            const folder = belowHome(visit, one.path);
            const on = one.state?.protected === 1;
            return [
              { text: folder, href: folderHref(folder), machine: true },
              { text: say(on ? 'privacy.on' : 'privacy.off'), ...(on ? { tone: 'good' as const } : {}) },
            ];
          }),
          empty: say('privacy.none'),
        },
      ]),
      ...formBlock(visit, {
        action: `${privacyPath}/open`,
        fields: [
          {
            name: 'folder',
            label: say('privacy.other'),
            input: 'text',
            required: true,
            placeholder: 'public_html/a/b',
          },
        ],
        button: say('privacy.open'),
        fold: say('privacy.other'),
      }),
    ],
  };
}

function folderOf(visit: Visit): string {
  const given = visit.request.method === 'POST' ? visit.body['folder'] : visit.request.query['folder'];
  const parsed = homePath().safeParse(given);
  if (!parsed.success || parsed.data === '') throw new NotFound('problem.not-found');
  return parsed.data;
}

function switchBlocks(visit: Visit, folder: string, state: z.output<typeof protection>): readonly Block[] {
  const { say } = visit;
  if (state.protected === 1) {
    return [
      { kind: 'text', text: say('privacy.is-on', { label: state.auth_name ?? '' }) },
      {
        kind: 'buttons',
        links: [],
        posts: postButton(visit, say('privacy.end'), `${privacyPath}/end`, { folder }, true),
      },
    ];
  }
  return formBlock(visit, {
    action: `${privacyPath}/folder`,
    fields: [{ name: 'label', label: say('privacy.label'), input: 'text', required: true }],
    values: { label: say('privacy.label.default') },
    hidden: { folder },
    button: say('privacy.start'),
  });
}

async function folderSheet(visit: Visit): Promise<Sheet> {
  const { say, account } = visit;
  const folder = folderOf(visit);
  const [state, users] = await Promise.all([
    askActive(visit, lookAtProtection(account, folder), protection),
    askActive(visit, lookAtUsers(account, folder), names),
  ]);
  return {
    heading: folder,
    machine: true,
    trail: { label: say('privacy.title'), href: privacyPath },
    blocks: [
      ...knownBlocks(visit, state, (found) => switchBlocks(visit, folder, found)),
      { kind: 'heading', text: say('privacy.users') },
      ...knownBlocks(visit, users, (list) => [
        {
          kind: 'table',
          columns: [say('privacy.user'), ''],
          rows: list.map((user) => [
            { text: user, machine: true },
            {
              buttons: postButton(
                visit,
                say('privacy.user.delete'),
                `${privacyPath}/user/delete`,
                { folder, user },
                true,
              ),
            },
          ]),
          empty: say('privacy.users.none'),
          small: true,
        },
      ]),
      ...formBlock(visit, {
        action: `${privacyPath}/user`,
        fields: [
          { name: 'user', label: say('privacy.user'), input: 'text', required: true },
          { name: 'password', label: say('privacy.password'), input: 'password', secret: true, required: true },
        ],
        hidden: { folder },
        button: say('privacy.user.set'),
        fold: say('privacy.user.set'),
      }),
    ],
  };
}

export const privacyPage: CustomerPage = {
  path: privacyPath,
  goal: 'websites',
  title: 'privacy.title',
  order: 40,
  area: 'websites',
  feature: 'webprotect',
  routes(to) {
    to.show(privacyPath, listSheet);
    to.act(`${privacyPath}/open`, async (v) => folderHref(folderOf(v)), listSheet);
    to.show(`${privacyPath}/folder`, folderSheet);
    to.act(
      `${privacyPath}/folder`,
      (v) => {
        const folder = folderOf(v);
        return v.submit(
          'privacy.set',
          { account: v.account, folder, on: true, label: v.body['label'] },
          folderHref(folder),
        );
      },
      folderSheet,
    );
    to.act(
      `${privacyPath}/end`,
      (v) => {
        const folder = folderOf(v);
        return v.submit('privacy.set', { account: v.account, folder, on: false }, folderHref(folder));
      },
      folderSheet,
    );
    to.act(
      `${privacyPath}/user`,
      (v) => {
        const folder = folderOf(v);
        const { user, password } = v.body;
        return v.submit('privacy-user.set', { account: v.account, folder, user, password }, folderHref(folder));
      },
      folderSheet,
    );
    to.act(
      `${privacyPath}/user/delete`,
      (v) => {
        const folder = folderOf(v);
        return v.submit(
          'privacy-user.delete',
          { account: v.account, folder, user: v.body['user'] },
          folderHref(folder),
        );
      },
      folderSheet,
    );
  },
};

const content = z.object({ content: z.string() });

async function blockSheet(visit: Visit): Promise<Sheet> {
  const { say, account } = visit;
  const asked = await askActive(visit, lookAtBlocked(account), content);
  // No such file: nobody is blocked.
  const isNone = /does not exist|no such file/i.test(asked.problem);
  const known = isNone ? { ...asked, value: { content: '' }, problem: '' } : asked;
  return {
    heading: say('blocked.title'),
    blocks: [
      { kind: 'text', text: say('blocked.what') },
      ...knownBlocks(visit, known, (found) => [
        {
          kind: 'table',
          columns: [say('blocked.address'), ''],
          rows: blockedIn(found.content).map((address) => [
            { text: address, machine: true },
            { buttons: postButton(visit, say('blocked.end'), `${blockPath}/end`, { address }) },
          ]),
          empty: say('blocked.none'),
        },
      ]),
      ...formBlock(visit, {
        action: blockPath,
        fields: [
          { name: 'address', label: say('blocked.address'), help: say('blocked.help'), input: 'text', required: true },
        ],
        button: say('blocked.add'),
      }),
    ],
  };
}

export const blockedPage: CustomerPage = {
  path: blockPath,
  goal: 'websites',
  title: 'blocked.title',
  order: 50,
  area: 'websites',
  feature: 'ipdeny',
  routes(to) {
    to.show(blockPath, blockSheet);
    to.act(
      blockPath,
      (v) => v.submit('block.add', { account: v.account, address: v.body['address'] }, blockPath),
      blockSheet,
    );
    to.act(
      `${blockPath}/end`,
      (v) => v.submit('block.delete', { account: v.account, address: v.body['address'] }, blockPath),
      blockSheet,
    );
  },
};
