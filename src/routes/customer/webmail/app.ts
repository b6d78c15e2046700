/** Webmail on a port of its own: Debian's Roundcube behind Tandem's sign-in, one path for each mailbox. */
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { Customer } from '../../../auth/customers.ts';
import { NotAllowed } from '../../../errors.ts';
import { uapi } from '../../../whm/call.ts';
import { isForeign } from '../../shared/csrf.ts';
import { pageApp } from '../../shared/page-app.ts';
import { projectRoot } from '../../shared/root.ts';
import type { CustomerParts, WebmailDoor } from '../deps.ts';
import { nothingHere, problemPage } from '../problems.ts';
import { customerSessions } from '../sessions.ts';
import { whoIsThere } from '../who.ts';
import { mayRead } from './may.ts';
import { boxPath, hasPass, readBoxPath } from './pass.ts';
import { mostBody, paramsOf, roundcubePolicy, sendHeaders } from './php.ts';

/** The listener's whole app. */
export function webmailApp(parts: CustomerParts, door: WebmailDoor): Express {
  const root = projectRoot(import.meta.url);
  const app = pageApp(root);
  app.use(toSelfService(door));
  app.use(customerSessions(parts));
  app.use(whoIsThere(parts));
  app.use(boxes(parts, door));
  app.use(nothingHere());
  app.use(problemPage(parts));
  return app;
}

/** An address of the self-service on the host name that was asked for. */
function home(request: Request, door: WebmailDoor, path: string): string {
  return `https://${request.hostname}:${door.homePort}${path}`;
}

/** What is no mailbox's path is the self-service's. */
function toSelfService(door: WebmailDoor): RequestHandler {
  return (request, response, next) => {
    if (request.method !== 'GET') return next();
    if (request.path === '/' || request.path === '/my' || request.path.startsWith('/my/'))
      return response.redirect(303, home(request, door, request.path === '/' ? '/my' : request.originalUrl));
    next();
  };
}

function boxes(parts: CustomerParts, door: WebmailDoor): RequestHandler {
  const assets = express.static(door.assets, { index: false, maxAge: '1h', redirect: false });
  return async (request, response, next) => {
    const at = readBoxPath(request.path);
    if (at === undefined) return next();
    const who = request.customer;
    if (who === undefined || !(await isLetIn(parts, request, who, at.address)))
      return letIn(request, response, door, at.address);
    if (request.method !== 'GET' && isForeign(request)) throw new NotAllowed('This form was sent from another site.');
    switch (kindOf(request, at.rest)) {
      case 'top':
        return response.redirect(301, boxPath(at.address));
      case 'asset':
        request.url = at.rest;
        // Frames of Roundcube's pages are files of its own.
        response.removeHeader('Cache-Control');
        response.setHeader('Content-Security-Policy', roundcubePolicy);
        return assets(request, response, next);
      case 'page':
        return askRoundcube(parts, door, request, response, { account: who.account, mailbox: at.address });
      case 'nothing':
        return next();
    }
  };
}

function kindOf({ method }: Request, rest: string): 'top' | 'asset' | 'page' | 'nothing' {
  if (method !== 'GET' && method !== 'POST') return 'nothing';
  if (rest === '') return 'top';
  if (rest === '/' || rest === '/index.php') return 'page';
  return isAsset(rest) ? 'asset' : 'nothing';
}

/** Roundcube's own files for browsers; never a program's text. */
function isAsset(path: string): boolean {
  return /^\/(skins|plugins|program\/(js|resources))\/[\w./@-]+\.(css|js|png|svg|gif|jpe?g|ico|woff2?|ttf|html|json|mp3|wav|tiff?|webp|pdf)$/.test(
    path,
  );
}

const Rows = z.array(z.object({ email: z.string() }));

async function isLetIn(parts: CustomerParts, request: Request, who: Customer, address: string): Promise<boolean> {
  if (!mayRead(who, address) || !hasPass(parts.secret, request, address)) return false;
  if (who.role === 'mailbox') return true;
  // From memory: it was asked for certain when the pass was given.
  const { account } = who;
  const known = await parts.remembered.ask({ call: uapi(account, 'Email::list_pops'), shape: Rows, account }, 0);
  return known.value === undefined || known.value.some((row) => row.email.toLowerCase() === address);
}

/** Back to where a click lets people in. What a page asks for in the background is only told. */
function letIn(request: Request, response: Response, door: WebmailDoor, address: string): void {
  const isPage = request.method === 'GET' && (request.get('sec-fetch-mode') ?? 'navigate') === 'navigate';
  if (!isPage) return void response.status(401).type('text').send('Sign in again.\n');
  const { customer } = request;
  const isOwn = customer === undefined || customer.role === 'mailbox';
  const query = new URLSearchParams({ address }).toString();
  response.redirect(303, home(request, door, isOwn ? '/my/mailbox/webmail' : `/my/mail/webmail?${query}`));
}

async function askRoundcube(
  parts: CustomerParts,
  door: WebmailDoor,
  request: Request,
  response: Response,
  box: { readonly account: string; readonly mailbox: string },
): Promise<void> {
  const length = Number(request.get('content-length') ?? 0);
  const hasBody = request.method === 'POST';
  if (request.get('transfer-encoding') !== undefined) return void response.status(411).end();
  if (length > mostBody) return void response.status(413).end();
  const { token, back } = door.give(box);
  response.once('close', back);
  const isMailbox = request.customer?.role === 'mailbox';
  const params = paramsOf(request, door, {
    mailbox: box.mailbox,
    token,
    back: home(request, door, isMailbox ? '/my/mailbox/home' : `/my/mail/boxes/${encodeURIComponent(box.mailbox)}`),
  });
  const answer = await door.ask(params, hasBody ? request : undefined);
  sendHeaders(response, answer);
  await pipeline(answer.body, response).catch((error: unknown) => {
    // Nothing more can be said to the browser; a cut connection says that something is missing.
    parts.log.warn({ reason: String(error), mailbox: box.mailbox }, 'webmail ended in the middle of a page');
    response.destroy();
  });
}

/** The file that PHP runs. */
export function webmailEntry(): string {
  return join(projectRoot(import.meta.url), 'packaging', 'webmail', 'index.php');
}
