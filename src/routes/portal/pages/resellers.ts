import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppError } from '../../../errors.ts';
import { whm } from '../../../whm/call.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, problemOf, sendSheet, submitted } from '../forms.ts';
import { namesOf } from '../frame.ts';
import { knownBlocks, sendLive, waitFor } from '../live.ts';
import type { PortalPage } from '../page.ts';
import { count } from '../present/accounts.ts';
import type { FormField } from '../present/form.ts';
import type { Block, Sheet } from '../sheet.ts';
import { accountsNow } from '../soon.ts';
import { actorIn, mustHave } from '../who.ts';

const shape = z.object({ reseller: z.array(z.string()) });

/** Resellers with their accounts and people, and how the portal looks to them. */
export const resellersPage: PortalPage = {
  path: '/resellers',
  title: 'resellers.title',
  order: 50,
  needs: 'see-staff',
  routes: (parts) => {
    const router = Router();
    router.get('/resellers', (request, response) => sendResellers(parts, request, response));
    router.get('/resellers/:name', (request, response) => sendReseller(parts, request, response));
    router.post('/resellers/:name/brand', (request, response) =>
      submitted(
        response,
        async () => {
          const actor = actorIn(request);
          mustHave(actor, 'settings');
          const { title = '', light = '', dark = '', logo = '' } = bodyOf(request);
          const reseller = String(request.params.name);
          await parts.auth.desk.brandPut({ reseller, title: title.trim(), light, dark, logo: logo.trim() });
          await parts.auth.audit({ actor, event: 'brand.change', subject: reseller });
          return `/resellers/${encodeURIComponent(reseller)}`;
        },
        (error) => sendReseller(parts, request, response, error),
      ),
    );
    return router;
  },
};

async function sendResellers(parts: PortalParts, request: Request, response: Response): Promise<void> {
  const { say } = parts;
  const [known, { rows }, people] = await Promise.all([
    parts.remembered.ask({ call: whm('listresellers'), shape }, waitFor(request)),
    accountsNow(parts, actorIn(request)),
    parts.auth.people(),
  ]);
  const draw = (value: z.output<typeof shape>): readonly Block[] => [
    {
      kind: 'table',
      columns: [say('person.reseller'), say('packages.accounts'), say('resellers.suspended'), say('resellers.people')],
      empty: say('resellers.empty'),
      rows: value.reseller.map((name) => {
        const own = rows.filter((row) => row.owner === name);
        return [
          { text: name, machine: true, href: `/resellers/${encodeURIComponent(name)}` },
          {
            text: count(own.length),
            number: true,
            href: `/accounts?${new URLSearchParams({ owner: name }).toString()}`,
          },
          { text: count(own.filter((row) => row.suspended).length), number: true },
          {
            text:
              people
                .filter((one) => one.reseller === name)
                .map((one) => one.name)
                .join(' ') || '–',
          },
        ];
      }),
    },
  ];
  return sendLive(parts, request, response, {
    heading: say('resellers.title'),
    blocks: knownBlocks(parts, known, namesOf(parts), draw),
  });
}

function brandFields(parts: PortalParts): readonly FormField[] {
  const { say } = parts;
  return [
    { name: 'title', label: say('brand.title'), input: 'text', required: true },
    {
      name: 'light',
      label: say('brand.light'),
      help: say('brand.colour.help'),
      input: 'text',
      required: true,
      placeholder: '#0b6b63',
    },
    {
      name: 'dark',
      label: say('brand.dark'),
      help: say('brand.colour.help'),
      input: 'text',
      required: true,
      placeholder: '#4fc7ba',
    },
    { name: 'logo', label: say('brand.logo'), help: say('brand.logo.help'), input: 'textarea', required: false },
  ];
}

async function sendReseller(parts: PortalParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const { say } = parts;
  const name = String(request.params['name']).slice(0, 64);
  const [{ rows }, people, brand] = await Promise.all([
    accountsNow(parts, actorIn(request)),
    parts.auth.people(),
    parts.auth.desk.brand(name),
  ]);
  const fields = brandFields(parts);
  const kept = brand === undefined ? { light: '#0b6b63', dark: '#4fc7ba' } : { ...brand };
  const sheet: Sheet = {
    heading: name,
    machine: true,
    trail: { label: say('resellers.title'), href: '/resellers' },
    ...(error === undefined ? {} : { problem: problemOf(error, fields) }),
    blocks: [
      {
        kind: 'facts',
        rows: [
          {
            label: say('packages.accounts'),
            text: count(rows.filter((row) => row.owner === name).length),
            href: `/accounts?${new URLSearchParams({ owner: name }).toString()}`,
          },
          {
            label: say('resellers.people'),
            text:
              people
                .filter((one) => one.reseller === name)
                .map((one) => one.name)
                .join(' ') || '–',
          },
          { label: say('brand.title'), text: brand?.title ?? 'Tandem' },
        ],
      },
      { kind: 'heading', text: say('brand.heading') },
      {
        kind: 'form',
        action: `/resellers/${encodeURIComponent(name)}/brand`,
        fields: fieldsFor(parts, fields, { ...kept, ...bodyOf(request) }, issuesOf(error)),
        button: say('brand.save'),
        fold: say('brand.change'),
        open: error !== undefined,
      },
    ],
  };
  return sendSheet(parts, request, response, sheet, error);
}
