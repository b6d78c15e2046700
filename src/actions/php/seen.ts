import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { type Readable, readable } from '../answers.ts';

const installed = z.object({ versions: z.array(z.string()) });
const hosts = z.array(z.object({ vhost: z.string(), version: z.string() }));
const basic = z.object({
  directives: z.array(z.object({ key: z.string(), value: z.union([z.string(), z.number(), z.null()]).optional() })),
});

export function lookAtInstalled(account: string): WhmCall {
  return uapi(account, 'LangPHP::php_get_installed_versions');
}

export function readInstalled(answers: readonly Answer[], at: number): Readable<readonly string[]> {
  const answer = readable(answers, at, installed);
  return answer.ok ? { ok: true, value: answer.value.versions } : answer;
}

export function lookAtHosts(account: string): WhmCall {
  return uapi(account, 'LangPHP::php_get_vhost_versions');
}

/** The version of a site; undefined inside a readable answer: the account has no such site. */
export function readVersion(answers: readonly Answer[], at: number, domain: string): Readable<string | undefined> {
  const answer = readable(answers, at, hosts);
  if (!answer.ok) return answer;
  return { ok: true, value: answer.value.find((host) => host.vhost === domain)?.version };
}

export function lookAtSettings(account: string, domain: string): WhmCall {
  return uapi(account, 'LangPHP::php_ini_get_user_basic_directives', { type: 'vhost', vhost: domain });
}

/** Setting → value, as text. */
export function readSettings(answers: readonly Answer[], at: number): Readable<ReadonlyMap<string, string>> {
  const answer = readable(answers, at, basic);
  if (!answer.ok) return answer;
  return { ok: true, value: new Map(answer.value.directives.map((one) => [one.key, String(one.value ?? '')])) };
}
