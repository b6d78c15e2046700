import { type Response, Router } from 'express';
import { NotFound } from '../../../errors.ts';
import type { PortalPage } from '../page.ts';

/** The colours and the logo of a reseller, for its own people; the style sheet is the only place where they stand. */
export const brandPage: PortalPage = {
  path: '/brand',
  title: 'menu.brand',
  needs: 'signed-in',
  routes: (parts) => {
    const router = Router();
    const brandOf = async (reseller: string | undefined) => {
      const brand = reseller === undefined ? undefined : await parts.auth.desk.brand(reseller);
      if (brand === undefined) throw new NotFound(parts.say('brand.none'));
      return brand;
    };
    router.get('/brand/colours.css', async (request, response) => {
      sendBrandColours(response, await brandOf(request.user?.reseller));
    });
    router.get('/brand/logo.svg', async (request, response) => {
      sendBrandLogo(response, await brandOf(request.user?.reseller));
    });
    return router;
  },
};

/** The style sheet that gives a page a reseller's colours. */
export function sendBrandColours(response: Response, brand: { readonly light: string; readonly dark: string }): void {
  response.type('css').send(`:root { --accent: light-dark(${brand.light}, ${brand.dark}); }\n`);
}

/** A reseller's logo. */
export function sendBrandLogo(response: Response, brand: { readonly logo: string }): void {
  // Opened by itself a picture must not be able to do anything.
  response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  response.type('svg').send(brand.logo);
}
