/** A site's basic PHP settings, as far as every master has them. */
import { z } from 'zod';
import { lookAtSettings } from '../../../../actions/php/seen.ts';
import type { Block } from '../../../portal/sheet.ts';
import { type FormField, formBlock } from '../../forms.ts';
import { knownOr } from '../../live.ts';
import type { Visit } from '../../visit.ts';

const basic = z.object({
  directives: z.array(
    z.object({
      key: z.string(),
      type: z.string().nullish(),
      value: z.union([z.string(), z.number(), z.null()]).optional(),
      info: z.string().nullish(),
    }),
  ),
});

type Directive = z.output<typeof basic>['directives'][number];

const prefix = 'ini-';

/** What all masters that have answered offer, with the values of the account's own. */
async function settingsOf(visit: Visit, domain: string): Promise<readonly Directive[]> {
  const call = lookAtSettings(visit.account, domain);
  const own = knownOr(await visit.ask(call, basic), { directives: [] }).directives;
  const others = await Promise.all(visit.parts.masters.list.map((master) => visit.askOn(master.id, call, basic)));
  const lists = others.flatMap((one) => (one.value === undefined ? [] : [one.value.directives]));
  return own.filter(({ key }) => lists.every((list) => list.some((one) => one.key === key)));
}

function isSwitch({ type }: Directive): boolean {
  return type === 'boolean';
}

function fieldOf(visit: Visit, one: Directive): FormField {
  const base = { name: `${prefix}${one.key}`, label: one.key, required: true } as const;
  if (!isSwitch(one)) return { ...base, input: 'text' };
  const optionLabels = { '1': visit.say('yes'), '0': visit.say('no') };
  return { ...base, input: 'select', options: ['1', '0'], optionLabels };
}

function shownValue(one: Directive): string {
  const text = String(one.value ?? '');
  return isSwitch(one) ? String(Number(text === '1' || /^(on|yes|true)$/i.test(text))) : text;
}

export async function phpSettingsBlocks(visit: Visit, domain: string): Promise<readonly Block[]> {
  const list = await settingsOf(visit, domain);
  if (list.length === 0) return [];
  return formBlock(visit, {
    action: '/my/websites/settings',
    fields: list.map((one) => fieldOf(visit, one)),
    values: Object.fromEntries(list.map((one) => [`${prefix}${one.key}`, shownValue(one)])),
    hidden: { domain },
    button: visit.say('sites.php.settings.set'),
    fold: visit.say('sites.php.settings'),
  });
}

/** Every setting of the form; the plan leaves alone what is so already. */
export function phpSettingsParams(visit: Visit, domain: string) {
  const settings = Object.entries(visit.body)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value]);
  return { account: visit.account, domain, settings };
}
