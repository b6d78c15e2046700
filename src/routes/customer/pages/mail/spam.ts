import { z } from 'zod';
import { uapi } from '../../../../whm/call.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { type FormField, formBlock } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';

const path = '/my/mail/spam';
const flag = z.union([z.number(), z.string(), z.null()]).transform((value) => Number(value ?? 0) === 1);
const number = z.union([z.number(), z.string(), z.null()]).optional();
const Settings = z.object({
  spam_enabled: flag,
  spam_box_enabled: flag,
  spam_auto_delete: flag,
  spam_auto_delete_score: number,
});
const list = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const Preferences = z.object({ required_score: list, whitelist_from: list, blacklist_from: list });

/** The spam filter of the account. */
export const spamPage: CustomerPage = {
  path,
  goal: 'mail',
  title: 'spam.title',
  order: 60,
  area: 'mail',
  feature: 'spamassassin',
  routes: (to) => {
    to.show(path, sheet);
    to.act(path, set, sheet);
  },
};

/** Whether mail is looked at, and what becomes of spam in the whole account. */
export function spamState(visit: Visit) {
  return visit.ask(uapi(visit.account, 'Email::get_spam_settings'), Settings);
}

/** The settings as facts; '' where nothing is known yet. */
export async function spamFacts(
  visit: Visit,
): Promise<{ readonly blocks: readonly Block[]; readonly values?: Readonly<Record<string, unknown>> }> {
  const { say, account } = visit;
  const [settings, preferences] = await Promise.all([
    spamState(visit),
    visit.ask(uapi(account, 'SpamAssassin::get_user_preferences'), Preferences),
  ]);
  const own = preferences.value;
  const found = settings.value;
  const required = own?.required_score[0] ?? '5';
  const deletes = found?.spam_auto_delete === true ? String(found.spam_auto_delete_score ?? '') : '';
  const blocks = knownBlocks(visit, settings, (value) => [
    {
      kind: 'facts',
      rows: [
        {
          label: say('spam.state'),
          text: say(value.spam_enabled ? 'spam.on' : 'spam.off'),
          tone: value.spam_enabled ? 'good' : 'warn',
        },
        { label: say('spam.box'), text: say(value.spam_box_enabled ? 'yes' : 'no') },
        { label: say('spam.score'), text: required },
        { label: say('spam.delete'), text: deletes === '' ? say('never') : deletes },
      ],
    },
  ]);
  if (found === undefined || own === undefined) return { blocks };
  const values = {
    enabled: found.spam_enabled,
    box: found.spam_box_enabled,
    requiredScore: required,
    deleteScore: deletes,
    allow: own.whitelist_from,
    block: own.blacklist_from,
  };
  return { blocks, values };
}

async function sheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const { blocks, values } = await spamFacts(visit);
  // Without what stands there now a form would offer to overwrite it unseen.
  const form =
    values === undefined && visit.error === undefined
      ? []
      : formBlock(visit, {
          action: path,
          fields: fields(visit),
          button: say('spam.save'),
          ...(values === undefined ? {} : { values }),
        });
  return { heading: say('spam.title'), blocks: [...blocks, ...form] };
}

function fields(visit: Visit): readonly FormField[] {
  const { say } = visit;
  return [
    { name: 'enabled', label: say('spam.enabled'), input: 'checkbox', required: true },
    { name: 'box', label: say('spam.box'), input: 'checkbox', required: true },
    { name: 'requiredScore', label: say('spam.score'), help: say('spam.score.help'), input: 'number', required: true },
    { name: 'deleteScore', label: say('spam.delete'), help: say('spam.delete.help'), input: 'number', required: false },
    { name: 'allow', label: say('spam.allow'), help: say('spam.list.help'), input: 'list', required: false },
    { name: 'block', label: say('spam.block'), help: say('spam.list.help'), input: 'list', required: false },
  ];
}

function linesOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((line) => line !== '');
}

async function set({ submit, account, body }: Visit): Promise<string> {
  const deleteScore = (body['deleteScore'] ?? '').trim();
  const params = {
    account,
    enabled: body['enabled'] === 'on',
    box: body['box'] === 'on',
    requiredScore: (body['requiredScore'] ?? '').trim(),
    allow: linesOf(body['allow']),
    block: linesOf(body['block']),
    ...(deleteScore === '' ? {} : { deleteScore }),
  };
  return submit('spam.set', params, path);
}
