import { Router } from 'express';
import { NotFound } from '../../../errors.ts';
import type { PortalPage } from '../page.ts';

/** The colours and the logo of a reseller, for its own people; the style sheet is the only place where they stand. */
export const brandPage: PortalPage = {
  path: '/brand',
  title: 'Brand',
  needs: 'signed-in',
  routes: (parts) => {
    const router = Router();
    const brandOf = async (reseller: string | undefined) => {
      const brand = reseller === undefined ? undefined : await parts.auth.desk.brand(reseller);
      if (brand === undefined) throw new NotFound('There is no such brand.');
      return brand;
    };
    router.get('/brand/colours.css', async (request, response) => {
      const { light, dark } = await brandOf(request.user?.reseller);
      response.type('css').send(`:root { --accent: light-dark(${light}, ${dark}); }\n`);
    });
    router.get('/brand/logo.svg', async (request, response) => {
      const { logo } = await brandOf(request.user?.reseller);
      // Opened by itself a picture must not be able to do anything.
      response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
      response.type('svg').send(logo);
    });
    return router;
  },
};
