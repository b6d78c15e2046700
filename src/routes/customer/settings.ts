/** Language, colours, the chosen domain, the reseller's brand, and the stream that tells open pages that something changed. */
import { Router } from 'express';
import { NotFound } from '../../errors.ts';
import { streamEvents } from '../portal/events.ts';
import { sendBrandColours, sendBrandLogo } from '../portal/pages/brand.ts';
import { themeCookie } from '../portal/theme.ts';
import type { CustomerParts } from './deps.ts';
import { languageCookie, languageCookieOptions } from './language.ts';
import { safeNext } from './sign-in.ts';
import { accountRow } from './who.ts';

const longestDomain = 253;

/** For everybody, signed in or not. */
export function choiceRoutes(): Router {
  const router = Router();
  router.post('/my/language', (request, response) => {
    const cookie = languageCookie(request.body['language']);
    if (cookie !== undefined) response.cookie(cookie.name, cookie.value, languageCookieOptions);
    response.redirect(303, safeNext(request.body['next']));
  });
  router.post('/my/theme', (request, response) => {
    themeCookie(request, response);
    response.redirect(303, safeNext(request.body['next']));
  });
  return router;
}

/** For whoever is signed in. */
export function customerExtras(parts: CustomerParts): Router {
  const router = Router();
  const brandOf = async (account: string | undefined) => {
    const owner = account === undefined ? undefined : (await accountRow(parts, account)).row?.owner;
    const brand = owner === undefined ? undefined : await parts.auth.desk.brand(owner);
    if (brand === undefined) throw new NotFound('problem.not-found');
    return brand;
  };
  router.get('/my/brand/colours.css', async (request, response) =>
    sendBrandColours(response, await brandOf(request.customer?.account)),
  );
  router.get('/my/brand/logo.svg', async (request, response) =>
    sendBrandLogo(response, await brandOf(request.customer?.account)),
  );
  router.post('/my/domain', (request, response) => {
    const given: unknown = request.body['domain'];
    // Whether it is the account's is asked where it counts; '' chooses all.
    request.session.domain = typeof given === 'string' ? given.slice(0, longestDomain) : '';
    response.redirect(303, safeNext(request.body['next']));
  });
  router.get('/my/events', (request, response) => {
    const who = request.customer;
    streamEvents(parts, request, response, async (id) => {
      if (who === undefined) return false;
      const subject = (await parts.operations.get(id, { accounts: [who.account] }))?.subject;
      if (subject?.kind !== 'account') return false;
      return who.role !== 'mailbox' || subject.mailbox === who.name;
    });
  });
  return router;
}
