/**
 * The names that cPanel makes beside each domain, for those that lead to Tandem: `autoconfig.` and `autodiscover.` tell
 * mail programs the names that follow the account, `webmail.` and `cpanel.` lead to the self-service, and what is not
 * served here says so. Answers hold nothing but what the name itself says, so nobody need be asked, and nothing of an
 * account is told.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** Where the self-service and webmail are, as browsers reach them, without a slash at the end. */
export interface ServicePlaces {
  readonly selfService: string;
  readonly webmail: string | undefined;
}

export interface Asked {
  /** As the browser named it; may carry a port. */
  readonly host: string;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string;
}

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const services = ['autoconfig', 'autodiscover', 'webmail', 'cpanel', 'webdisk', 'cpcalendars', 'cpcontacts'] as const;
type Service = (typeof services)[number];

const domainName = /^(?=.{4,253}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;

/** 'webmail.bob.example:443' → its service and its domain; undefined: another name. */
export function serviceOf(host: string): { readonly service: Service; readonly domain: string } | undefined {
  const [, first = '', domain = ''] = /^([a-z]+)\.([^:]+?)\.?(?::\d+)?$/.exec(host.toLowerCase()) ?? [];
  const service = services.find((one) => one === first);
  return service !== undefined && domainName.test(domain) ? { service, domain } : undefined;
}

/** What a service name answers; undefined: the host name is none. Pure. */
export function tellService(asked: Asked, places: ServicePlaces): Told | undefined {
  const found = serviceOf(asked.host);
  if (found === undefined) return undefined;
  const { service, domain } = found;
  switch (service) {
    case 'autoconfig':
      return autoconfig(asked, domain);
    case 'autodiscover':
      return autodiscover(asked, domain, places);
    case 'webmail':
      return places.webmail === undefined ? notServed(service, domain) : redirect(`${places.webmail}/`);
    case 'cpanel':
      return redirect(`${places.selfService}/my`);
    case 'webdisk':
    case 'cpcalendars':
    case 'cpcontacts':
      return notServed(service, domain);
  }
}

/** The address that a program asks for, where it is one of this domain. */
function addressFor(domain: string, given: string | null | undefined): string | undefined {
  const address = (given ?? '').trim().toLowerCase();
  return /^[^\s@<>&"']{1,64}@/.test(address) && address.endsWith(`@${domain}`) ? address : undefined;
}

function pathOf(url: string): URL {
  return new URL(url, 'https://name.invalid');
}

/** Thunderbird's way, which others read too (Mozilla's autoconfiguration, config file format 1.1). */
function autoconfig({ method, url }: Asked, domain: string): Told {
  const { pathname, searchParams } = pathOf(url);
  const isAsked = pathname === '/mail/config-v1.1.xml' || pathname === '/.well-known/autoconfig/mail/config-v1.1.xml';
  if (!isAsked || (method !== 'GET' && method !== 'HEAD'))
    return plain(404, `Mail programs find their settings at /mail/config-v1.1.xml.\n`);
  const user = addressFor(domain, searchParams.get('emailaddress')) ?? '%EMAILADDRESS%';
  const server = (tag: string, type: string, port: number, socket: string): string => `    <${tag} type="${type}">
      <hostname>mail.${domain}</hostname>
      <port>${port}</port>
      <socketType>${socket}</socketType>
      <authentication>password-cleartext</authentication>
      <username>${user}</username>
    </${tag}>
`;
  return xml(`<clientConfig version="1.1">
  <emailProvider id="${domain}">
    <domain>${domain}</domain>
    <displayName>${domain}</displayName>
    <displayShortName>${domain}</displayShortName>
${server('incomingServer', 'imap', 993, 'SSL')}${server('incomingServer', 'pop3', 995, 'SSL')}${server('outgoingServer', 'smtp', 465, 'SSL')}${server('outgoingServer', 'smtp', 587, 'STARTTLS')}  </emailProvider>
</clientConfig>
`);
}

/** Outlook's way ([MS-OXDSCLI] as far as IMAP and POP go): a POST that names the address. */
function autodiscover({ method, url, body }: Asked, domain: string, places: ServicePlaces): Told {
  const { pathname } = pathOf(url);
  if (pathname.toLowerCase() !== '/autodiscover/autodiscover.xml')
    return plain(404, 'Mail programs ask at /autodiscover/autodiscover.xml.\n');
  // A GET asks where to send the POST; the answer must be https, and a name that the certificate fits.
  if (method === 'GET' || method === 'HEAD') return redirect(`${places.selfService}${pathname}`);
  if (method !== 'POST') return plain(405, 'POST the request.\n');
  return discovered(body, domain);
}

/** Answers a POST to the self-service's own name, where the address alone tells the domain; undefined: no such path. */
export function tellAutodiscover(asked: Pick<Asked, 'method' | 'url' | 'body'>): Told | undefined {
  if (pathOf(asked.url).pathname.toLowerCase() !== '/autodiscover/autodiscover.xml') return undefined;
  if (asked.method !== 'POST') return plain(405, 'POST the request.\n');
  const domain = /<EMailAddress>[^<>]{1,64}@([^<>@]{4,253})<\/EMailAddress>/i
    .exec(asked.body)?.[1]
    ?.trim()
    .toLowerCase();
  return domain !== undefined && domainName.test(domain) ? discovered(asked.body, domain) : noAddress();
}

function discovered(body: string, domain: string): Told {
  const address = addressFor(domain, /<EMailAddress>([^<>]{3,320})<\/EMailAddress>/i.exec(body)?.[1]);
  if (address === undefined) return noAddress();
  const protocol = (type: string, port: number): string => `      <Protocol>
        <Type>${type}</Type>
        <Server>mail.${domain}</Server>
        <Port>${port}</Port>
        <LoginName>${address}</LoginName>
        <DomainRequired>off</DomainRequired>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <AuthRequired>on</AuthRequired>
      </Protocol>
`;
  return xml(`<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${protocol('IMAP', 993)}${protocol('POP3', 995)}${protocol('SMTP', 465)}    </Account>
  </Response>
</Autodiscover>
`);
}

function noAddress(): Told {
  return plain(400, 'The request names no address of this domain.\n');
}

function notServed(service: Service, domain: string): Told {
  return plain(
    410,
    `${service}.${domain} is not served here. Mail programs and browsers reach your mail at mail.${domain}.\n`,
  );
}

function xml(text: string): Told {
  return {
    status: 200,
    headers: { 'Content-Type': 'text/xml; charset=utf-8' },
    body: `<?xml version="1.0" encoding="utf-8"?>\n${text}`,
  };
}

function plain(status: number, body: string): Told {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body };
}

function redirect(to: string): Told {
  return { status: 302, headers: { Location: to }, body: '' };
}

const mostBody = 64 * 1024;

/** undefined: more than a request of this kind can be, or cut off. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > mostBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isOurs(request: IncomingMessage): boolean {
  if (serviceOf(request.headers.host ?? '') !== undefined) return true;
  return /^\/autodiscover\/autodiscover\.xml(\?|$)/i.test(request.url ?? '');
}

async function answer(places: ServicePlaces, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/', headers } = request;
  const body = method === 'POST' ? await bodyOf(request) : '';
  const asked = { host: headers.host ?? '', method, url, body: body ?? '' };
  const told =
    body === undefined ? plain(413, 'Too large.\n') : (tellService(asked, places) ?? tellAutodiscover(asked));
  const { status, headers: own, body: text } = told ?? plain(404, 'There is nothing here.\n');
  response.writeHead(status, { ...own, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  response.end(method === 'HEAD' ? '' : text);
}

/** Answers service names itself, and leaves every other host name to `rest`. */
export function withServiceNames(places: ServicePlaces, rest: RequestListener): RequestListener {
  return (request, response) => {
    if (!isOurs(request)) return rest(request, response);
    answer(places, request, response).catch(() => response.destroy());
  };
}

/** For the plain listener, which is there for these names alone. */
export const otherNames: RequestListener = (_request, response) => {
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('There is nothing here.\n');
};
