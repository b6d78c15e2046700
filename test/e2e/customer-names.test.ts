/** The names that cPanel makes, over the sockets that they lead to, and asked in the order in which programs ask. */
import { existsSync } from 'node:fs';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, type Doors, startBrowser, startDoors } from '../support/doors.ts';
import { freePort } from '../support/processes.ts';

interface Ask {
  readonly port: number;
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
  /** 'any': whatever name the certificate has, as somebody who clicks the warning away. */
  readonly tls?: 'right' | 'any';
}

interface Answer {
  readonly status: number | undefined;
  readonly location: string | undefined;
  readonly type: string | undefined;
  readonly text: string;
}

let doors: Doors;
let browser: Browser;
let page: Page;
let plain: number;
let home: number;
let mail: number;

function ask({ port, host, path = '/', method = 'GET', body = '', tls }: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host, 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) };
    const where = { host: '127.0.0.1', port, path, method, headers, agent: false };
    const heard = (answer: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode,
          location: answer.headers.location,
          type: answer.headers['content-type'],
          text: Buffer.concat(chunks).toString(),
        }),
      );
    };
    const [servername = host] = host.split(':');
    const unseen = tls === 'any' ? { checkServerIdentity: () => undefined } : {};
    const sent =
      tls === undefined
        ? plainRequest(where, heard)
        : tlsRequest({ ...where, servername, ca: doors.certificate, ...unseen }, heard);
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Follows a Location that is on this machine, with the certificate looked at. */
function follow(location: string, more: Partial<Ask> = {}): Promise<Answer> {
  const { hostname, port, pathname } = new URL(location);
  return ask({ port: Number(port), host: hostname, path: pathname, tls: 'right', ...more });
}

/** Runs in the browser: the texts of an XML file's elements, by path, as a program that knows XML reads them. */
const elements = `(text) => {
  const file = new DOMParser().parseFromString(text, 'text/xml');
  const broken = file.querySelector('parsererror');
  if (broken !== null) return [broken.textContent];
  const walk = (node, path) => node.children.length === 0
    ? [path + ' ' + node.textContent.trim()]
    : [...node.children].flatMap((one) => walk(one, path + '/' + one.localName + (one.getAttribute('type') ?? '')));
  return [file.documentElement.namespaceURI, ...walk(file.documentElement, file.documentElement.localName)];
}`;

async function read(answer: Answer): Promise<readonly string[]> {
  expect([answer.status, answer.type]).toEqual([200, 'text/xml; charset=utf-8']);
  // Cast: the script above answers a list of texts.
  return (await page.evaluate(`(${elements})(${JSON.stringify(answer.text)})`)) as readonly string[];
}

const outlook = (address: string) => `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>${address}</EMailAddress>
    <AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>
  </Request>
</Autodiscover>`;

describe.skipIf(!existsSync(chromiumPath))('service names (needs chromium-headless-shell)', () => {
  beforeAll(async () => {
    const ports = await Promise.all([1, 2, 3, 4, 5].map(() => freePort()));
    const [whmPort = 0] = ports;
    [, plain = 0, home = 0, mail = 0] = ports;
    [doors, browser] = await Promise.all([
      startDoors({
        config: {
          passthrough: { host: '127.0.0.1', whmPort, cpanelPort: home },
          serviceNames: { host: '127.0.0.1', port: plain, url: `https://localhost:${home}/` },
          webmail: { port: mail, php: '/nonexistent/php.sock', masterPassword: 'asked by nobody here' },
        },
      }),
      startBrowser(),
    ]);
    page = await browser.newPage();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await doors?.close();
  });

  it('Thunderbird’s way: TLS does not fit a customer’s name, plain HTTP has the settings', async () => {
    const asked = {
      host: 'autoconfig.bob.example',
      path: '/mail/config-v1.1.xml?emailaddress=info%40bob.example',
    };
    await expect(ask({ ...asked, port: home, tls: 'right' })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    const settings = await read(await ask({ ...asked, port: plain }));
    const server = (kind: string, port: number, socket: string): readonly string[] => [
      `clientConfig/emailProvider/${kind}/hostname mail.bob.example`,
      `clientConfig/emailProvider/${kind}/port ${port}`,
      `clientConfig/emailProvider/${kind}/socketType ${socket}`,
      `clientConfig/emailProvider/${kind}/authentication password-cleartext`,
      `clientConfig/emailProvider/${kind}/username info@bob.example`,
    ];
    expect(settings).toEqual([
      null,
      'clientConfig/emailProvider/domain bob.example',
      'clientConfig/emailProvider/displayName bob.example',
      'clientConfig/emailProvider/displayShortName bob.example',
      ...server('incomingServerimap', 993, 'SSL'),
      ...server('incomingServerpop3', 995, 'SSL'),
      ...server('outgoingServersmtp', 465, 'SSL'),
      ...server('outgoingServersmtp', 587, 'STARTTLS'),
    ]);
    expect((await ask({ ...asked, port: plain, method: 'HEAD' })).text).toBe('');
    expect(await read(await ask({ ...asked, port: home, tls: 'any' }))).toEqual(settings);
  });

  it('Outlook’s way: plain HTTP leads to a name whose certificate fits, and the request is answered there', async () => {
    const path = '/autodiscover/autodiscover.xml';
    const body = outlook('Info@Bob.Example');
    const asked = { host: 'autodiscover.bob.example', path };
    await expect(ask({ ...asked, port: home, tls: 'right', method: 'POST', body })).rejects.toThrow();
    const first = await ask({ ...asked, port: plain });
    expect([first.status, first.location]).toEqual([302, `https://localhost:${home}${path}`]);
    const found = await read(await follow(first.location ?? '', { method: 'POST', body }));
    const namespace = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
    const protocol = (type: string, port: number): readonly string[] =>
      [
        `Type ${type}`,
        'Server mail.bob.example',
        `Port ${port}`,
        'LoginName info@bob.example',
        ...['DomainRequired off', 'SPA off', 'SSL on', 'AuthRequired on'],
      ].map((one) => `Autodiscover/Response/Account/Protocol/${one}`);
    expect(found).toEqual([
      namespace,
      'Autodiscover/Response/Account/AccountType email',
      'Autodiscover/Response/Account/Action settings',
      ...protocol('IMAP', 993),
      ...protocol('POP3', 995),
      ...protocol('SMTP', 465),
    ]);
    // A program that asks plainly or over a certificate that does not fit gets the same.
    expect(await read(await ask({ ...asked, port: plain, method: 'POST', body }))).toEqual(found);
    expect(await read(await ask({ ...asked, port: mail, tls: 'any', method: 'POST', body }))).toEqual(found);
    const eve = await ask({ ...asked, port: plain, method: 'POST', body: outlook('info@eve.example') });
    expect([eve.status, eve.text.includes('eve')]).toEqual([400, false]);
    const large = await ask({ ...asked, port: plain, method: 'POST', body: 'x'.repeat(70_000) });
    expect(large.status).toBe(413);
  });

  it.each([
    ['webmail.bob.example', () => `https://localhost:${mail}/`],
    ['cpanel.bob.example', () => `https://localhost:${home}/my`],
  ])('%s leads where people can sign in, from every listener', async (host, wanted) => {
    for (const [port, tls] of [
      [plain, undefined],
      [home, 'any'],
      [mail, 'any'],
      [doors.config.portal.port, 'any'],
    ] as const) {
      const answer = await ask({
        port,
        host: `${host}:${port}`,
        path: '/x?y=z',
        ...(tls === undefined ? {} : { tls }),
      });
      expect([port, answer.status, answer.location]).toEqual([port, 302, wanted()]);
    }
    let next = await follow(wanted());
    for (let steps = 0; steps < 5 && next.location !== undefined; steps += 1)
      next = await follow(new URL(next.location, `https://localhost:${home}`).href);
    expect([next.status, next.text.includes('action="/my/sign-in')]).toEqual([200, true]);
  });

  it.each(['webdisk', 'cpcalendars', 'cpcontacts'])('%s. says that it is gone, and where mail is', async (name) => {
    for (const [port, tls] of [
      [plain, undefined],
      [home, 'any'],
    ] as const) {
      for (const method of ['GET', 'PROPFIND', 'OPTIONS']) {
        const host = `${name}.bob.example`;
        const answer = await ask({ port, host, method, ...(tls === undefined ? {} : { tls }) });
        expect([method, answer.status]).toEqual([method, 410]);
        expect(answer.text).toContain('mail.bob.example');
      }
    }
  });

  it('other names find nothing on the plain listener, and what they found before on the others', async () => {
    for (const host of ['bob.example', 'localhost', 'webmail.', 'autoconfig.bob.example.evil"'])
      expect([host, (await ask({ port: plain, host })).status]).toEqual([host, 404]);
    const own = await ask({ port: home, host: 'localhost', tls: 'right' });
    expect([own.status, own.location]).toEqual([303, '/my']);
  });
});
