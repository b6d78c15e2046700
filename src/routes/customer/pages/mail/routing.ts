import { z } from 'zod';
import { routings } from '../../../../actions/mail-routing/set.ts';
import { uapi } from '../../../../whm/call.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { shownDomains } from '../../account-facts.ts';
import { type FormField, formBlock } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';

const path = '/my/mail/routing';
const Defaults = z.array(z.object({ domain: z.string(), defaultaddress: z.string() }));
const Exchangers = z.array(
  z.object({
    domain: z.string(),
    mxcheck: z.string(),
    detected: z.string().nullish(),
    entries: z
      .array(z.object({ mx: z.string(), priority: z.union([z.number(), z.string()]) }))
      .nullish()
      .transform((value) => value ?? []),
  }),
);
const modes = ['refuse', 'discard', 'forward'] as const;

/** Per domain: what becomes of mail to addresses that do not exist, and whether mail is taken here at all. */
export const routingPage: CustomerPage = {
  path,
  goal: 'mail',
  title: 'routing.title',
  order: 50,
  area: 'mail',
  routes: (to) => {
    to.show(path, sheet);
    to.act(`${path}/default`, setDefault, sheet);
    to.act(
      `${path}/routing`,
      ({ submit, account, body }) =>
        submit('mail-routing.set', { account, domain: body['domain'], routing: body['routing'] }, path),
      sheet,
    );
  },
};

async function setDefault({ submit, account, body }: Visit): Promise<string> {
  const mode = body['mode'];
  const message = (body['message'] ?? '').trim();
  const params = {
    account,
    domain: body['domain'],
    mode,
    ...(mode === 'forward' ? { to: (body['to'] ?? '').trim() } : {}),
    ...(mode === 'refuse' && message !== '' ? { message } : {}),
  };
  return submit('default-address.set', params, path);
}

async function sheet(visit: Visit): Promise<Sheet> {
  const domains = await shownDomains(visit);
  return {
    heading: visit.say('routing.title'),
    blocks: (await Promise.all(domains.map((domain) => domainBlocks(visit, domain)))).flat(),
  };
}

async function domainBlocks(visit: Visit, domain: string): Promise<readonly Block[]> {
  const { account, say } = visit;
  const [defaults, exchangers] = await Promise.all([
    visit.ask(uapi(account, 'Email::list_default_address', { user: account, domain }), Defaults),
    visit.ask(uapi(account, 'Email::list_mxs', { domain }), Exchangers),
  ]);
  const found = defaults.value?.find((row) => row.domain === domain)?.defaultaddress ?? '';
  return [
    { kind: 'heading', text: domain },
    ...knownBlocks(visit, defaults, () => [
      { kind: 'facts', rows: [{ label: say('default.title'), text: defaultText(visit, found) }] },
    ]),
    ...formBlock(visit, {
      action: `${path}/default`,
      hidden: { domain },
      fields: defaultFields(visit),
      values: valuesOf(visit, found),
      button: say('default.change'),
      fold: say('default.change'),
    }),
    ...knownBlocks(visit, exchangers, (rows) =>
      exchangerBlocks(
        visit,
        rows.find((row) => row.domain === domain),
      ),
    ),
    ...formBlock(visit, {
      action: `${path}/routing`,
      hidden: { domain },
      fields: [routingField(visit)],
      values: { routing: exchangers.value?.find((row) => row.domain === domain)?.mxcheck },
      button: say('routing.change'),
      fold: say('routing.change'),
    }),
  ];
}

function bare(value: string): string {
  return value.replace(/^"|"$/g, '').trim();
}

function valuesOf(visit: Visit, found: string): Readonly<Record<string, string>> {
  const value = bare(found);
  if (value.startsWith(':blackhole:')) return { mode: 'discard' };
  if (value.includes('@') && !value.startsWith(':')) return { mode: 'forward', to: value };
  return { mode: 'refuse', message: value.startsWith(':fail:') ? value.slice(6).trim() : visit.say('default.message') };
}

/** What becomes of mail to unknown addresses, in words. A bare account name is the account's own main mailbox. */
function defaultText(visit: Visit, found: string): string {
  const { say } = visit;
  const value = bare(found);
  if (value === '' || value === visit.account) return say('default.main');
  if (value.startsWith(':blackhole:')) return say('default.mode.discard');
  if (value.startsWith(':fail:')) return say('default.refuses', { message: value.slice(6).trim() });
  return say('default.forwards', { to: value });
}

function defaultFields(visit: Visit): readonly FormField[] {
  const { say } = visit;
  return [
    {
      name: 'mode',
      label: say('default.title'),
      input: 'select',
      required: true,
      options: modes,
      optionLabels: Object.fromEntries(modes.map((mode) => [mode, say(`default.mode.${mode}`)])),
    },
    { name: 'message', label: say('default.message.label'), input: 'text', required: false },
    { name: 'to', label: say('forwarders.to'), input: 'email', required: false },
  ];
}

function exchangerBlocks(visit: Visit, row: z.output<typeof Exchangers>[number] | undefined): readonly Block[] {
  const { say } = visit;
  if (row === undefined) return [];
  const used = routings.find((one) => one === row.mxcheck) ?? 'auto';
  return [
    {
      kind: 'facts',
      rows: [
        { label: say('routing.taken'), text: say(`routing.${used}`) },
        {
          label: say('routing.mx'),
          text: row.entries.map((one) => `${one.priority} ${visit.plain(one.mx)}`).join(', '),
          machine: true,
        },
      ],
    },
  ];
}

function routingField(visit: Visit): FormField {
  const { say } = visit;
  return {
    name: 'routing',
    label: say('routing.taken'),
    help: say('routing.help'),
    input: 'select',
    required: true,
    options: routings,
    optionLabels: Object.fromEntries(routings.map((one) => [one, say(`routing.${one}`)])),
  };
}
