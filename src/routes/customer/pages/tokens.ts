/** API tokens of the customer: Tandem's own, bound to the account. A master's token is never handed out. */
import { type AppError, Invalid, NotFound } from '../../../errors.ts';
import type { Block, Sheet } from '../../portal/sheet.ts';
import { formBlock, postButton } from '../forms.ts';
import type { CustomerPage } from '../page.ts';
import { whenIn } from '../present/time.ts';
import { mustBeSure, sureFields } from '../sure.ts';
import type { Visit } from '../visit.ts';

const path = '/my/access/tokens';
const dayMs = 24 * 60 * 60_000;

/** What a token may, as the form offers it → entries of its acl. */
const rights = {
  read: ['read'],
  all: ['all'],
  files: ['read', 'file.*'],
  mail: ['read', 'mailbox.*', 'forwarder.*', 'autoresponder.*', 'default-address.*', 'mail-filter.*'],
  dns: ['read', 'domain.*', 'dns.*'],
} as const;

type RightName = keyof typeof rights;

function rightOf(word: string | undefined): RightName | undefined {
  return word !== undefined && Object.hasOwn(rights, word) ? (word as RightName) : undefined; // an own key of the table
}

function mayText(visit: Visit, acl: readonly string[]): string {
  const names: readonly RightName[] = ['read', 'all', 'files', 'mail', 'dns'];
  const found = names.find((name) => rights[name].join() === acl.join());
  return found === undefined ? acl.join(', ') : visit.say(`tokens.may.${found}`);
}

async function ownTokens(visit: Visit) {
  return (await visit.parts.auth.tokens()).filter((one) => one.owner === visit.account);
}

async function tableBlock(visit: Visit): Promise<Block> {
  const { say, language } = visit;
  const when = (ms: number | undefined): string =>
    ms === undefined ? say('never') : whenIn(language, new Date(ms).toISOString());
  return {
    kind: 'table',
    columns: [say('tokens.label'), say('tokens.may'), say('tokens.made'), say('tokens.used'), say('tokens.until'), ''],
    rows: (await ownTokens(visit)).map((one) => [
      { text: one.label, ...(one.addresses.length === 0 ? {} : { meta: one.addresses.join(', ') }) },
      { text: mayText(visit, one.acl) },
      { text: when(one.createdAt) },
      { text: when(one.lastUsedAt) },
      { text: one.expiresAt === undefined ? '–' : when(one.expiresAt) },
      { buttons: postButton(visit, say('tokens.revoke'), `${path}/revoke`, { id: one.id }, true) },
    ]),
    empty: say('tokens.none'),
  };
}

async function adding(visit: Visit): Promise<readonly Block[]> {
  const { say } = visit;
  const options = Object.keys(rights);
  const optionLabels = Object.fromEntries(options.map((name) => [name, say(`tokens.may.${rightOf(name) ?? 'read'}`)]));
  return formBlock(visit, {
    action: path,
    fields: [
      { name: 'label', label: say('tokens.label'), input: 'text', required: true },
      { name: 'may', label: say('tokens.may'), input: 'select', required: true, options, optionLabels },
      {
        name: 'addresses',
        label: say('tokens.addresses'),
        help: say('tokens.addresses.help'),
        input: 'text',
        required: false,
      },
      { name: 'days', label: say('tokens.days'), help: say('tokens.days.help'), input: 'number', required: false },
      ...(await sureFields(visit)),
    ],
    button: say('tokens.add'),
    fold: say('tokens.new'),
  });
}

async function listSheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  return {
    heading: say('tokens.title'),
    ...(visit.request.query['revoked'] === '1' ? { notice: say('tokens.revoked') } : {}),
    blocks: [{ kind: 'text', text: say('tokens.what') }, await tableBlock(visit), ...(await adding(visit))],
  };
}

async function make(visit: Visit): Promise<string> {
  const { account, actor, body, parts } = visit;
  const wrong = (field: string): AppError => new Invalid('form.again', [{ path: field, message: 'form.fill' }]);
  const label = (body['label'] ?? '').trim().slice(0, 64);
  if (label === '') throw wrong('label');
  const right = rightOf(body['may']);
  if (right === undefined) throw wrong('may');
  const days = (body['days'] ?? '').trim();
  if (days !== '' && !/^[1-9]\d{0,3}$/.test(days)) throw wrong('days');
  // A token may do what is asked for anew everywhere else.
  await mustBeSure(visit);
  const { token, info } = await parts.auth.tokenCreate({
    owner: account,
    scope: 'account',
    label,
    acl: rights[right],
    addresses: (body['addresses'] ?? '').split(/[\s,]+/).filter((one) => one !== ''),
    ...(days === '' ? {} : { expiresAt: parts.clock() + Number(days) * dayMs }),
  });
  await parts.auth.audit({
    actor,
    event: 'token.create',
    subject: account,
    detail: `${info.id} ${info.acl.join(' ')}`,
  });
  return token;
}

/** The token in the answer to its form, which no browser keeps. */
function madeSheet({ say }: Visit, token: string): Sheet {
  return {
    heading: say('tokens.title'),
    trail: { label: say('tokens.title'), href: path },
    blocks: [
      { kind: 'text', text: say('tokens.shown'), tone: 'note' },
      { kind: 'code', text: token },
    ],
  };
}

async function revoke(visit: Visit): Promise<string> {
  const id = visit.body['id'] ?? '';
  // A foreign token does not exist.
  if (!(await ownTokens(visit)).some((one) => one.id === id)) throw new NotFound('problem.not-found');
  await visit.parts.auth.tokenRevoke(id);
  await visit.parts.auth.audit({ actor: visit.actor, event: 'token.revoke', subject: visit.account, detail: id });
  return `${path}?revoked=1`;
}

export const tokensPage: CustomerPage = {
  path,
  goal: 'access',
  title: 'tokens.title',
  order: 30,
  // A token of a collaborator would reach further than its maker.
  area: 'people',
  routes(to) {
    to.show(path, listSheet);
    to.act(path, async (visit) => madeSheet(visit, await make(visit)), listSheet);
    to.act(`${path}/revoke`, revoke, listSheet);
  },
};
