/** What becomes of mail to one mailbox that the account's spam filter marked: a filter of that mailbox, made here. */
import { z } from 'zod';
import { Invalid, Refused } from '../../../../errors.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { formBlock } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { type Filter, filtersNow, filtersOf, folderPath } from '../mail/filter-form.ts';
import { spamState } from '../mail/spam.ts';

const path = '/my/mailbox/spam';
/** The filter's name; its user finds it under Filters too. */
const filterName = 'Spam';
const markPart = '$header_X-Spam-Status:';
const fates = ['inbox', 'folder', 'discard'] as const;
type Fate = (typeof fates)[number];

export const ownSpamPage: CustomerPage = {
  path,
  goal: 'mailbox',
  area: 'mailbox',
  title: 'spam.title',
  order: 50,
  feature: 'blockers',
  routes: (to) => {
    to.show(path, sheet);
    to.act(path, choose, sheet);
  },
};

const junk = (visit: Visit): string => folderPath(visit.who.name, 'Junk');

/** 'other': a filter of that name that says something else, and is not overwritten. */
function fateOf(visit: Visit, filters: readonly Filter[]): Fate | 'other' {
  const own = filters.find((one) => one.filtername === filterName);
  if (own === undefined) return 'inbox';
  const [rule, ...rules] = own.rules;
  const [deed, ...deeds] = own.actions;
  if (rules.length + deeds.length > 0 || rule?.part !== markPart || deed?.action !== 'save' || !own.enabled)
    return 'other';
  if (deed.dest === '/dev/null') return 'discard';
  return deed.dest === junk(visit) ? 'folder' : 'other';
}

async function sheet(visit: Visit): Promise<Sheet> {
  const { say, who } = visit;
  const [settings, filters] = await Promise.all([spamState(visit), filtersOf(visit, who.name)]);
  const fate = filters.value === undefined ? undefined : fateOf(visit, filters.value);
  const form = fate === undefined || fate === 'other' ? [] : formOf(visit, fate);
  const state = settings.value?.spam_enabled;
  const isOn = { text: say(state === true ? 'spam.on' : 'spam.off'), tone: state === true ? 'good' : 'warn' } as const;
  return {
    heading: say('spam.title'),
    blocks: [
      ...knownBlocks(visit, filters, (rows): readonly Block[] => [
        {
          kind: 'facts',
          rows: [
            ...(state === undefined ? [] : [{ label: say('spam.state'), ...isOn }]),
            { label: say('mailbox.spam.fate'), text: say(`mailbox.spam.${fateOf(visit, rows)}`) },
          ],
        },
        { kind: 'text', text: say('mailbox.spam.account'), tone: 'meta' },
      ]),
      ...form,
    ],
  };
}

function formOf(visit: Visit, fate: Fate): readonly Block[] {
  const { say } = visit;
  return formBlock(visit, {
    action: path,
    fields: [
      {
        name: 'does',
        label: say('mailbox.spam.choose'),
        help: say('mailbox.spam.help'),
        input: 'select',
        required: true,
        options: fates,
        optionLabels: Object.fromEntries(fates.map((one) => [one, say(`mailbox.spam.${one}`)])),
      },
    ],
    values: { does: fate },
    button: say('spam.save'),
  });
}

const Chosen = z.enum(fates);

async function choose(visit: Visit): Promise<string> {
  const { account, who, submit, body } = visit;
  const chosen = Chosen.safeParse(body['does']);
  if (!chosen.success) throw new Invalid('form.again', [{ path: 'does', message: 'is missing' }]);
  const named = { account, address: who.name, name: filterName };
  const fate = fateOf(visit, await filtersNow(visit, who.name));
  if (fate === 'other') throw new Refused('mailbox.spam.by-hand');
  if (fate === chosen.data) return path;
  if (chosen.data === 'inbox') return await submit('mail-filter.delete', named, path);
  const to = chosen.data === 'discard' ? '/dev/null' : junk(visit);
  const params = {
    ...named,
    rules: [{ part: markPart, match: 'begins', value: 'Yes' }],
    actions: [{ does: 'save', to }],
  };
  return await submit('mail-filter.set', params, path);
}
