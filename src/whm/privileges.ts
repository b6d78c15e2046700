/** A reseller's privileges, read as the reseller: by a one-time link of root's making and the session that it opens. */
import type { Axios } from 'axios';
import { messageOf } from '../errors.ts';
import { readAnswer } from './answer.ts';
import { type WhmCall, whm } from './call.ts';
import type { Outcome } from './outcome.ts';
import { doubt } from './reasons.ts';
import { isFields, listOfTexts } from './shapes.ts';

const longestMs = 20_000;

interface Link {
  readonly path: string;
  readonly token: string;
}

/** The path of the link: its host name is the master's own idea of itself, and the connection is ours. */
function linkIn(data: unknown): Link | undefined {
  if (!isFields(data)) return undefined;
  const { url, cp_security_token: token } = data;
  if (typeof url !== 'string' || typeof token !== 'string' || !/^\/cpsess\d{1,20}$/.test(token)) return undefined;
  if (!URL.canParse(url)) return undefined;
  const { pathname, search } = new URL(url);
  return { path: `${pathname}${search}`, token };
}

function cookiesOf(setCookies: unknown): string {
  return listOfTexts(setCookies)
    .map((one) => one.split(';')[0] ?? '')
    .filter((one) => /^[\w-]+=./.test(one))
    .join('; ');
}

/** Makes a session of the reseller's, asks `myprivs` in it, and ends it. Never throws. */
export async function privilegesOf(
  user: string,
  call: (call: WhmCall) => Promise<Outcome>,
  http: Axios,
  now: () => number,
): Promise<Outcome> {
  const made = await call(whm('create_user_session', { user, service: 'whostmgrd' }));
  if (made.kind !== 'done') return made;
  const link = linkIn(made.data);
  if (link === undefined) return doubt('create_user_session gave no link of a known shape');
  const end = now() + longestMs;
  const timeout = () => Math.max(1, end - now());
  try {
    const opened = await http.request<string>({ method: 'get', url: link.path, timeout: timeout() });
    const Cookie = cookiesOf(opened.headers['set-cookie']);
    if (Cookie === '') return doubt(`the link of create_user_session opened no session (HTTP ${opened.status})`);
    const asked = whm('myprivs');
    const url = `${link.token}/json-api/myprivs`;
    const { status, data } = await http.request<string>({
      url,
      data: 'api.version=1',
      timeout: timeout(),
      headers: { Cookie },
    });
    await http.request<string>({ url: `${link.token}/logout/`, data: '', timeout: timeout(), headers: { Cookie } });
    return readAnswer(asked, status, data);
  } catch (error) {
    return doubt(messageOf(error));
  }
}
