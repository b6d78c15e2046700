/** Filters of the account or of one mailbox: their table, their form, and what the form means. */
import { z } from 'zod';
import { filterMatches, filterParts } from '../../../../actions/mail-filter/seen.ts';
import { Invalid } from '../../../../errors.ts';
import { uapi, type WhmCall } from '../../../../whm/call.ts';
import type { Block } from '../../../portal/sheet.ts';
import { type FormField, formBlock, postButton } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import { newly } from '../../newly.ts';
import type { RouteList, SheetOf } from '../../page.ts';
import type { Visit } from '../../visit.ts';

const flag = z.union([z.number(), z.string()]).transform((value) => Number(value) === 1);
const Filters = z.array(
  z.object({
    filtername: z.string(),
    enabled: flag,
    rules: z.array(z.object({ part: z.string(), match: z.string(), val: z.string() })).default([]),
    actions: z.array(z.object({ action: z.string(), dest: z.string().nullish() })).default([]),
  }),
);

export type Filter = z.output<typeof Filters>[number];

/** What a filter does, as people choose it. */
const deeds = ['folder', 'discard', 'forward', 'refuse'] as const;

/** Whose filters: a mailbox's, or with '' the account's; and where their form is sent. */
export interface FilterPlace {
  readonly address: string;
  readonly path: string;
}

/** The routes that change filters, below a page's path. `placeOf`: whose they are, by the visit. */
export function filterRoutes(
  to: RouteList,
  path: string,
  placeOf: (visit: Visit) => FilterPlace,
  again: SheetOf,
): void {
  to.act(path, (visit) => store(visit, placeOf(visit)), again);
  const named = (visit: Visit) => {
    const { address } = placeOf(visit);
    return { account: visit.account, name: visit.body['name'], ...(address === '' ? {} : { address }) };
  };
  to.act(`${path}/delete`, (visit) => visit.submit('mail-filter.delete', named(visit), placeOf(visit).path), again);
  to.act(
    `${path}/switch`,
    (visit) =>
      visit.submit(
        'mail-filter.switch',
        { ...named(visit), enabled: visit.body['enabled'] === '1' },
        placeOf(visit).path,
      ),
    again,
  );
}

function lookAt(visit: Visit, address: string): WhmCall {
  return uapi(visit.account, 'Email::list_filters', address === '' ? {} : { account: address });
}

/** The filters of a mailbox, or with '' of the account. */
export function filtersOf(visit: Visit, address: string) {
  return visit.ask(lookAt(visit, address), Filters);
}

/** The same, newly asked, before one is replaced. Throws as `newly` does. */
export function filtersNow(visit: Visit, address: string): Promise<readonly Filter[]> {
  return newly(visit, lookAt(visit, address), Filters);
}

/** The table of filters and the form for one more. */
export async function filterBlocks(visit: Visit, place: FilterPlace): Promise<readonly Block[]> {
  const { say } = visit;
  const known = await filtersOf(visit, place.address);
  const form = formBlock(visit, { action: place.path, fields: fields(visit, place), button: say('filters.add') });
  return [
    ...knownBlocks(visit, known, (rows) => [table(visit, rows, place)]),
    ...(form.length === 0 ? [] : [{ kind: 'heading', text: say('filters.add') } as const]),
    ...form,
  ];
}

function table(visit: Visit, rows: readonly Filter[], place: FilterPlace): Block {
  const { say } = visit;
  return {
    kind: 'table',
    columns: [say('filters.name'), say('filters.when'), say('filters.then'), say('boxes.state'), ''],
    empty: say('filters.empty'),
    rows: rows.map((row) => [
      { text: row.filtername },
      { text: row.rules.map((rule) => ruleText(visit, rule)).join('; ') },
      { text: row.actions.map((action) => deedText(visit, action)).join('; ') },
      { text: say(row.enabled ? 'filters.on' : 'filters.off'), tone: row.enabled ? 'good' : 'warn' },
      {
        buttons: [
          ...postButton(visit, say(row.enabled ? 'filters.pause' : 'filters.resume'), `${place.path}/switch`, {
            name: row.filtername,
            enabled: row.enabled ? '0' : '1',
          }),
          ...postButton(visit, say('delete'), `${place.path}/delete`, { name: row.filtername }),
        ],
      },
    ]),
  };
}

function ruleText(visit: Visit, rule: Filter['rules'][number]): string {
  const part = filterParts.find((one) => one === rule.part);
  const match = filterMatches.find((one) => one === rule.match);
  return visit.say('filters.rule', {
    part: part === undefined ? rule.part : visit.say(`filters.part.${part}`),
    match: match === undefined ? rule.match : visit.say(`filters.match.${match}`),
    value: rule.val,
  });
}

function deedText(visit: Visit, { action, dest }: Filter['actions'][number]): string {
  const to = dest ?? '';
  if (action === 'save')
    return to === '/dev/null'
      ? visit.say('filters.did.discard')
      : visit.say('filters.did.folder', { to: folderOf(to) });
  if (action === 'deliver') return visit.say('filters.did.forward', { to });
  if (action === 'fail') return visit.say('filters.did.refuse', { to });
  return action === 'finish' ? visit.say('filters.did.finish') : `${action} ${to}`;
}

/** '$home/mail/bob.example/ann/.Junk' → 'Junk'. */
function folderOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/^\./, '');
}

function fields(visit: Visit, place: FilterPlace): readonly FormField[] {
  const { say } = visit;
  // Into a folder of which mailbox, a filter of the whole account cannot say.
  const offered = deeds.filter((deed) => deed !== 'folder' || place.address !== '');
  const labels = <T extends string>(list: readonly T[], label: (one: T) => string) =>
    Object.fromEntries(list.map((one) => [one, label(one)]));
  return [
    { name: 'name', label: say('filters.name.new'), input: 'text', required: true },
    {
      name: 'part',
      label: say('filters.part'),
      input: 'select',
      required: true,
      options: filterParts,
      optionLabels: labels(filterParts, (one) => say(`filters.part.${one}`)),
    },
    {
      name: 'match',
      label: say('filters.match'),
      input: 'select',
      required: true,
      options: filterMatches,
      optionLabels: labels(filterMatches, (one) => say(`filters.match.${one}`)),
    },
    { name: 'value', label: say('filters.value'), help: say('filters.value.help'), input: 'textarea', required: true },
    {
      name: 'does',
      label: say('filters.then'),
      input: 'select',
      required: true,
      options: offered,
      optionLabels: labels(offered, (one) => say(`filters.do.${one}`)),
    },
    { name: 'to', label: say('filters.to'), help: say('filters.to.help'), input: 'text', required: false },
  ];
}

/** What the action is told for what was chosen. Exim puts mail that is saved to /dev/null away for good. */
function deedOf(visit: Visit, address: string): readonly { readonly does: string; readonly to?: string }[] {
  const to = (visit.body['to'] ?? '').trim();
  switch (visit.body['does']) {
    case 'discard':
      return [{ does: 'save', to: '/dev/null' }];
    case 'forward':
      return [{ does: 'deliver', to }];
    case 'refuse':
      return [{ does: 'fail', to: to === '' ? visit.say('filters.refused') : to }];
    default:
      return [{ does: 'save', to: folderPath(address, to) }];
  }
}

/** The path of a folder of a mailbox; empty when the name is none. */
export function folderPath(address: string, folder: string): string {
  const [local = '', domain = ''] = address.split('@');
  if (folder === '' || /[/\\]|\.\./.test(folder)) return '';
  return `$home/mail/${domain}/${local}/.${folder.replaceAll(/\s+/g, ' ')}`;
}

async function store(visit: Visit, place: FilterPlace): Promise<string> {
  const { body, account } = visit;
  const values = (body['value'] ?? '').split(/\r?\n/).map((line) => line.trim());
  const rules = values
    .filter((value) => value !== '')
    .map((value) => ({ part: body['part'], match: body['match'], value }));
  const params = {
    account,
    name: (body['name'] ?? '').trim(),
    rules,
    actions: deedOf(visit, place.address),
    ...(place.address === '' ? {} : { address: place.address }),
  };
  try {
    return await visit.submit('mail-filter.set', params, place.path);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(
      error.message,
      error.issues.map((issue) => ({ ...issue, path: fieldOf(issue.path) })),
    );
  }
}

/** 'actions.0.to' belongs to the field 'to', 'rules.0.value' to 'value'. */
function fieldOf(path: string): string {
  if (path.startsWith('rules')) return path.endsWith('part') ? 'part' : path.endsWith('match') ? 'match' : 'value';
  return path.startsWith('actions') ? 'to' : path;
}
