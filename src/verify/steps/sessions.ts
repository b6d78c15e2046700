/** Signing in: tokens, cookie sessions, one-time links. At most three attempts are wrong, since cPHulk counts them. */
import { whm } from '../../whm/call.ts';
import type { Facts, Reply, Side, Step } from '../model.ts';
import { at, dataOf, told } from './build.ts';
import { ask, jsonOf, topOf } from './raw.ts';

function cookieOf(reply: Reply): string {
  return reply.setCookies.map((one) => one.split(';')[0] ?? '').join('; ');
}

function cookieNames(reply: Reply): readonly string[] {
  const names = reply.setCookies.map((one) => one.split('=')[0] ?? '');
  return [...new Set(names)].filter((name) => /session$/u.test(name)).sort();
}

const none = { kind: 'none' } as const;

async function logIn(side: Side): Promise<Facts> {
  const { user, password2 } = side.values;
  const reply = await side.send({
    ...ask(
      '/login/?login_only=1',
      [
        ['user', user],
        ['pass', password2],
      ],
      none,
    ),
    port: 'cpanel',
  });
  const token = String(at(jsonOf(reply), 'security_token'));
  const cookie = cookieOf(reply);
  side.secret(cookie);
  const [isToken, cookies] = [/^\/cpsess\d+$/u.test(token), cookieNames(reply)];
  const works = await side.send({
    port: 'cpanel',
    path: `${token}/execute/Email/list_pops`,
    form: [],
    sign: { kind: 'cookie', cookie },
  });
  const without = await side.send({
    port: 'cpanel',
    path: '/execute/Email/list_pops',
    form: [],
    sign: { kind: 'cookie', cookie },
  });
  return { ...topOf(reply), isToken, cookies, works: works.status, withoutToken: without.status };
}

async function link(side: Side): Promise<Facts> {
  const made = await side.call(whm('create_user_session', { user: side.values.user, service: 'cpaneld' }));
  const url = at(dataOf(made), 'url');
  if (typeof url !== 'string') return told(made);
  const { pathname, searchParams } = new URL(url);
  side.secret(searchParams.get('session') ?? '');
  const follow = (): Promise<Reply> =>
    side.send({ port: 'cpanel', path: pathname, form: [...searchParams], sign: none, method: 'GET' });
  const first = await follow();
  const cookie = cookieOf(first);
  side.secret(cookie);
  return { ...told(made), opens: first.status >= 200 && first.status < 400, cookies: cookieNames(first) };
}

export const sessionSteps: readonly Step[] = [
  {
    id: 'sessions.wrong-token',
    assumption: 'A wrong token is answered with 403 and “Access denied”, as text/plain.',
    kind: 'read',
    expect: { outcome: 'denied', because: /access denied/iu },
    run: async (side) => told(await side.call(whm('version'), { kind: 'token', user: 'root', token: 'NOTATOKEN' })),
  },
  {
    id: 'sessions.no-credentials',
    assumption: 'Without credentials an API path is answered with 401 or 403.',
    kind: 'read',
    expect: { outcome: 'denied', because: /./u },
    run: async (side) => told(await side.call(whm('version'), none)),
  },
];

export const sessionAccountSteps: readonly Step[] = [
  {
    id: 'sessions.login',
    assumption: 'A form sign-in with login_only=1 gives a security token and a cookie; both are needed afterwards.',
    kind: 'write',
    needs: 'account',
    expect: {
      status: 200,
      keys: ['redirect', 'security_token', 'status'],
      isToken: true,
      works: 200,
      withoutToken: 403,
    },
    run: logIn,
  },
  {
    id: 'sessions.wrong-login',
    assumption: 'A wrong form sign-in is answered with 401 and invalid_login.',
    kind: 'write',
    needs: 'account',
    expect: { status: 401, message: 'invalid_login' },
    async run(side) {
      const form = [
        ['user', side.values.user],
        ['pass', 'not-the-password'],
      ] as const;
      const reply = await side.send({ ...ask('/login/?login_only=1', form, none), port: 'cpanel' });
      return { ...topOf(reply), message: at(jsonOf(reply), 'message') };
    },
  },
  {
    id: 'sessions.link',
    assumption: 'create_user_session gives a one-time link that opens a session.',
    kind: 'write',
    needs: 'account',
    expect: { outcome: 'done', opens: true },
    run: link,
  },
];

/** While the account is suspended. */
export const suspendedLogin: Step = {
  id: 'sessions.suspended',
  assumption: 'A suspended account’s sign-in fails like a wrong password.',
  kind: 'write',
  needs: 'account',
  expect: { status: 401 },
  async run(side) {
    const { user, password2 } = side.values;
    const reply = await side.send({
      ...ask(
        '/login/?login_only=1',
        [
          ['user', user],
          ['pass', password2],
        ],
        none,
      ),
      port: 'cpanel',
    });
    return topOf(reply);
  },
};
