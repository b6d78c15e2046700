import { request } from 'node:https';

export interface Page {
  readonly status: number;
  readonly location: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** What a browser without JavaScript does: keeps cookies, follows nothing by itself, sends forms. */
export interface Visitor {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Page>;
  /** Sends a form. The token of the page last seen goes along unless `csrf` is given. */
  post(path: string, form: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Page>;
  readonly cookies: ReadonlyMap<string, string>;
}

/** A visitor of a site over TLS whose certificate is `ca`. */
export function visitor(url: string, ca: string): Visitor {
  const cookies = new Map<string, string>();
  let csrf = '';

  function keep(page: Page): Page {
    for (const line of [page.headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      cookies.set(name, value);
    }
    csrf = /name="csrf" value="([^"]*)"/.exec(page.text)?.[1] ?? csrf;
    return page;
  }

  async function send(method: string, path: string, body: string, headers: object): Promise<Page> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const type = body === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    return keep(await ask(new URL(path, url), { method, ca, headers: { cookie, ...type, ...headers } }, body));
  }

  return {
    cookies,
    get: (path, headers = {}) => send('GET', path, '', headers),
    post: (path, form, headers = {}) => send('POST', path, new URLSearchParams({ csrf, ...form }).toString(), headers),
  };
}

function ask(url: URL, options: object, body: string): Promise<Page> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          location: answer.headers.location ?? '',
          headers: answer.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
