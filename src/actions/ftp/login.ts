/** 'user' may hold the domain; a login without one means the main domain, which only a master knows: not taken. */
export function splitLogin(params: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  const login = params?.['login'];
  if (params === undefined || typeof login !== 'string') return undefined;
  const at = login.lastIndexOf('@');
  if (at < 0) return params['domain'] === undefined ? undefined : params;
  return { ...params, login: login.slice(0, at), domain: login.slice(at + 1) };
}
