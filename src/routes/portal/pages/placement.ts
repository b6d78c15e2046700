import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { type AppError, Invalid, NotFound } from '../../../errors.ts';
import type { PlacementDesk, PlacementSubject, Said } from '../../../operations/placement.ts';
import { whm } from '../../../whm/call.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, problemOf, sendSheet, submitted } from '../forms.ts';
import { namesOf } from '../frame.ts';
import { waitFor } from '../live.ts';
import type { PortalPage } from '../page.ts';
import type { FormField } from '../present/form.ts';
import type { Block, Sheet } from '../sheet.ts';
import { accountsNow } from '../soon.ts';
import { actorIn } from '../who.ts';

/** Accounts that are not where they belong, and why, as a watcher says it. */
export interface PlacementWaits {
  readonly accounts: readonly string[];
  readonly why: string | undefined;
}

/** Where an account, or every account of a package, belongs; whether a switch moves it; whether the customer may choose. */
export function placementPage(desk: PlacementDesk, waits: () => PlacementWaits): PortalPage {
  return {
    path: '/placement',
    title: 'placement.title',
    needs: 'switchover',
    routes: (parts) => {
      const router = Router();
      for (const [kind, path] of paths) {
        const subject = (request: Request): PlacementSubject => ({
          kind,
          name: String(request.params['user'] ?? request.params['name']).slice(0, 128),
        });
        const page: Page = { parts, desk, waits };
        router.get(path, (request, response) => send(page, subject(request), request, response));
        router.post(path, (request, response) =>
          submitted(
            response,
            async () => {
              const about = subject(request);
              await mustBe(parts, about, request);
              await desk.say(about, saidIn(parts, request), actorIn(request));
              return kind === 'account' ? `/accounts/${encodeURIComponent(about.name)}` : '/packages';
            },
            (error) => send(page, subject(request), request, response, error),
          ),
        );
      }
      return router;
    },
  };
}

const paths = [
  ['account', '/placement/accounts/:user'],
  ['package', '/placement/packages/:name'],
] as const;

interface Page {
  readonly parts: PortalParts;
  readonly desk: PlacementDesk;
  readonly waits: () => PlacementWaits;
}

const packages = z.object({ pkg: z.array(z.looseObject({ name: z.string() })) });

/** Throws NotFound for an account or package that is surely not there; what nobody can tell is let through. */
async function mustBe(parts: PortalParts, { kind, name }: PlacementSubject, request: Request): Promise<string> {
  if (kind === 'package') {
    const { value } = await parts.remembered.ask({ call: whm('listpkgs'), shape: packages }, waitFor(request));
    if (value !== undefined && !value.pkg.some((one) => one.name === name))
      throw new NotFound(parts.say('placement.no-package', { package: name }));
    return name;
  }
  const list = await accountsNow(parts, actorIn(request));
  const row = list.rows.find(({ user }) => user === name);
  if (row === undefined && list.from !== '') throw new NotFound(parts.say('account.none', { account: name }));
  return row?.plan ?? '';
}

/** What was picked; nothing picked says nothing, and the package, or what is usual, counts. */
function saidIn(parts: PortalParts, request: Request): Said {
  const body = bodyOf(request);
  const flag = (name: string): boolean | undefined =>
    body[name] === 'yes' ? true : body[name] === 'no' ? false : undefined;
  const preferred = body['preferred'] ?? 'none';
  if (preferred !== 'none' && !parts.masters.list.some(({ id }) => id === preferred))
    throw new Invalid(parts.say('form.again'), [{ path: 'preferred', message: parts.say('switchover.no-master') }]);
  return {
    isProtected: flag('protected'),
    mayChoose: flag('choice'),
    hasFileSync: flag('files'),
    hasOwnNames: flag('names'),
    preferred: preferred === 'none' ? undefined : preferred,
  };
}

/** Each with an empty choice: for an account the package's word, for a package what is usual. */
function fieldsOf(parts: PortalParts, kind: PlacementSubject['kind'], usual: Readonly<Record<string, string>>) {
  const { say } = parts;
  const names = namesOf(parts);
  const empty = (value: string): string =>
    say(kind === 'account' ? 'placement.as-package' : 'placement.usual', { value });
  const field = (name: string, label: string, help: string, options: Readonly<Record<string, string>>): FormField => ({
    name,
    label,
    help,
    input: 'select',
    required: true,
    default: 'none',
    options: ['none', ...Object.keys(options)],
    optionLabels: { none: empty(usual[name] ?? ''), ...options },
  });
  const yesNo = { yes: say('yes'), no: say('no') };
  const masters = Object.fromEntries(parts.masters.list.map(({ id }) => [id, names(id)]));
  return [
    field('protected', say('placement.protected'), say('placement.protected.help'), yesNo),
    field('preferred', say('placement.preferred'), say('placement.preferred.help'), masters),
    field('choice', say('placement.choice'), say('placement.choice.help'), yesNo),
    field('files', say('placement.files'), say('placement.files.help'), yesNo),
    field('names', say('placement.names'), say('placement.names.help'), yesNo),
  ];
}

function valuesOf({
  isProtected,
  preferred,
  mayChoose,
  hasFileSync,
  hasOwnNames,
}: Said): Readonly<Record<string, string>> {
  const word = (flag: boolean | undefined): string => (flag === undefined ? 'none' : flag ? 'yes' : 'no');
  return {
    ...{ protected: word(isProtected), preferred: preferred ?? 'none' },
    ...{ choice: word(mayChoose), files: word(hasFileSync), names: word(hasOwnNames) },
  };
}

/** What counts where nothing is picked, in words. */
function usualOf(parts: PortalParts, said: Said): Readonly<Record<string, string>> {
  const { say } = parts;
  const first = parts.masters.list[0]?.id ?? '';
  return {
    protected: say((said.isProtected ?? true) ? 'yes' : 'no'),
    preferred: namesOf(parts)(said.preferred ?? first),
    choice: say((said.mayChoose ?? false) ? 'yes' : 'no'),
    files: say((said.hasFileSync ?? true) ? 'yes' : 'no'),
    names: say((said.hasOwnNames ?? true) ? 'yes' : 'no'),
  };
}

function waitBlocks({ parts, waits }: Page, { kind, name }: PlacementSubject): readonly Block[] {
  const { accounts, why } = waits();
  if (kind !== 'account' || !accounts.includes(name)) return [];
  return [{ kind: 'text', text: parts.say('placement.waits', { why: why ?? '' }), tone: 'note' }];
}

async function send(
  page: Page,
  subject: PlacementSubject,
  request: Request,
  response: Response,
  error?: AppError,
): Promise<void> {
  const { parts, desk } = page;
  const { say } = parts;
  const { kind, name } = subject;
  const plan = await mustBe(parts, subject, request);
  const [own, above] = await Promise.all([
    desk.said(subject),
    kind === 'account' ? desk.said({ kind: 'package', name: plan }) : {},
  ]);
  const fields = fieldsOf(parts, kind, usualOf(parts, above));
  const values = error === undefined ? valuesOf(own) : bodyOf(request);
  const trail =
    kind === 'account'
      ? { label: name, href: `/accounts/${encodeURIComponent(name)}` }
      : { label: say('packages.title'), href: '/packages' };
  const sheet: Sheet = {
    heading: say(kind === 'account' ? 'placement.of' : 'placement.of-package', { name }),
    trail,
    ...(error === undefined ? {} : { problem: problemOf(error, fields) }),
    blocks: [
      { kind: 'text', text: say('placement.what'), tone: 'meta' },
      ...waitBlocks(page, subject),
      {
        kind: 'form',
        action: `/placement/${kind}s/${encodeURIComponent(name)}`,
        fields: fieldsFor(parts, fields, values, issuesOf(error)),
        button: say('placement.save'),
      },
    ],
  };
  return sendSheet(parts, request, response, sheet, error);
}
