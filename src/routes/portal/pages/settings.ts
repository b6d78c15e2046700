import { Router } from 'express';
import { sendSheet } from '../forms.ts';
import type { PortalPage } from '../page.ts';

/** What the configuration says, and where to change it. */
export const settingsPage: PortalPage = {
  path: '/settings',
  title: 'settings.title',
  order: 140,
  needs: 'settings',
  routes: (parts) => {
    const { say } = parts;
    const router = Router();
    router.get('/settings', async (request, response) => {
      const brands = await parts.auth.desk.brands();
      await sendSheet(parts, request, response, {
        heading: say('settings.title'),
        blocks: [
          { kind: 'text', text: say('settings.where'), tone: 'meta' },
          {
            kind: 'table',
            columns: [say('settings.key'), say('settings.value')],
            empty: say('settings.empty'),
            rows: (parts.settings ?? []).map((one) => [
              { text: one.label, machine: true },
              { text: one.value, machine: true },
            ]),
          },
          { kind: 'heading', text: say('brand.heading') },
          {
            kind: 'table',
            columns: [say('person.reseller'), say('brand.title')],
            empty: say('brand.empty'),
            rows: brands.map((one) => [
              { text: one.reseller, machine: true, href: `/resellers/${encodeURIComponent(one.reseller)}` },
              { text: one.title },
            ]),
          },
          { kind: 'buttons', links: [{ label: say('resellers.title'), href: '/resellers' }], posts: [] },
        ],
      });
    });
    return router;
  },
};
