/** Webmail in the demo: real Dovecots on both simulated masters, and Roundcube behind PHP's process manager. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { CookieJar } from 'tough-cookie';
import type { Lifecycle } from '../../lifecycle.ts';
import { whyNoMail } from '../../simulator/mail/index.ts';
import type { Stage } from './index.ts';
import { startPhp, whyNoRoundcube } from './php.ts';
import { ports } from './places.ts';

/** The mailbox that the demo begins with. */
export const mailbox = { account: 'bakery', address: 'hello@bakery.example' } as const;

export interface DemoWebmail {
  readonly master: { readonly user: string; readonly password: string };
  /** PHP's socket. */
  readonly php: string;
}

/** Starts PHP; a sentence where something is missing, and the demo goes on without webmail. */
export async function openDemoWebmail(stateDir: string, lifecycle: Lifecycle): Promise<DemoWebmail | string> {
  const why = whyNoRoundcube() ?? whyNoMail(stateDir);
  if (why !== undefined) return why;
  const php = await startPhp();
  lifecycle.onClose('php', () => php.close());
  return { master: { user: 'tandem', password: randomBytes(18).toString('base64url') }, php: php.socket };
}

/** What a simulated master serves mail with. */
export function mailOptions(webmail: DemoWebmail | undefined) {
  if (webmail === undefined) return {};
  return { mail: { imapPort: ports.imap, submissionPort: ports.submission, master: webmail.master } };
}

/** The parts of the configuration: of a master, and of webmail. */
export function webmailSettings(webmail: DemoWebmail | undefined) {
  if (webmail === undefined) return { ofMaster: {}, ofAll: {} };
  const { user: masterUser, password: masterPassword } = webmail.master;
  return {
    ofMaster: { mail: { imapPort: ports.imap, submissionPort: ports.submission } },
    ofAll: { webmail: { port: ports.webmail, php: webmail.php, masterUser, masterPassword } },
  };
}

interface Got {
  readonly status: number;
  readonly location: string;
  readonly text: string;
}

/** What a browser does, as far as signing in goes: keeps cookies by host and path, and follows where it is led. */
function browser(ca: string) {
  const jar = new CookieJar();
  const once = (url: string, headers: Readonly<Record<string, string>>): Promise<Got> =>
    new Promise((resolve, reject) => {
      const cookie = jar.getCookieStringSync(url);
      const sent = request(
        url,
        { ca, checkServerIdentity: () => undefined, headers: { cookie, ...headers } },
        (answer) => {
          for (const line of answer.headers['set-cookie'] ?? []) jar.setCookieSync(line, url, { ignoreError: true });
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => {
            const { statusCode: status = 0, headers: got } = answer;
            resolve({ status, location: got.location ?? '', text: Buffer.concat(chunks).toString('utf8') });
          });
          answer.on('error', reject);
        },
      );
      sent.on('error', reject).end();
    });
  return async (
    url: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Got & { readonly url: string }> => {
    let at = url;
    for (let led = 0; led < 8; led += 1) {
      const got = await once(at, headers);
      if (got.location === '') return { ...got, url: at };
      at = new URL(got.location, at).href;
    }
    throw new Error(`${url} leads nowhere`);
  };
}

/** A message arrives on M1, and its reader sees it in the browser without a second password. */
export async function readsMail({ core, sims, certificate }: Stage): Promise<void> {
  const { account, address } = mailbox;
  const subject = `Six loaves ${Date.now()}`;
  const letter = `From: ann@away.example\r\nTo: ${address}\r\nSubject: ${subject}\r\n\r\nFor Friday, please.\r\n`;
  await sims.m1.mail?.deliver('ann@away.example', address, letter);
  const get = browser(certificate);
  const { host, port } = core.config.portal;
  const link = await core.auth.customers.enterLink({ account, role: 'mailbox', name: address });
  await get(`https://${host}:${port}/my/enter/${link}`);
  const page = await get(`https://${host}:${port}/my/mailbox/webmail`);
  const token = /"request_token":"(\w+)"/.exec(page.text)?.[1];
  if (token === undefined) throw new Error(`webmail does not open: ${page.status} at ${page.url}`);
  const list = new URL('?_task=mail&_action=list&_mbox=INBOX&_remote=1', page.url).href;
  const got = await get(list, { 'x-requested-with': 'XMLHttpRequest', 'x-roundcube-request': token });
  if (!got.text.includes(subject)) throw new Error(`webmail does not show the message: ${got.text.slice(0, 300)}`);
}
