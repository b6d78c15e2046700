import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, type Readable, readable } from '../answers.ts';
import * as f from '../fields.ts';

export const redirectFields = {
  account: f.account().meta({ label: 'Account' }),
  domain: f.domain().meta({ label: 'Domain' }),
  path: f
    .line(500)
    .overwrite((value) => (value.startsWith('/') ? value : `/${value}`))
    .regex(/^\/[^\s"\\]*$/, 'must be a path such as /old')
    .default('/')
    .meta({ label: 'Path', placeholder: '/old', help: 'Left empty, the whole site.' }),
} as const;

const rows = z.array(
  z.object({
    domain: z.string(),
    source: z.string().nullish(),
    sourceurl: z.string().nullish(),
    destination: z.string().nullish(),
    targeturl: z.string().nullish(),
    type: z.string().nullish(),
    wildcard: numeric.nullish(),
  }),
);

/** A redirect as list_redirects shows it. */
export interface Redirect {
  readonly domain: string;
  readonly path: string;
  readonly to: string;
  readonly permanent: boolean;
  readonly wildcard: boolean;
}

export function lookAtRedirects(account: string): WhmCall {
  return uapi(account, 'Mime::list_redirects');
}

/** All redirects in .htaccess files of the account. */
export function readRedirects(answers: readonly Answer[]): Readable<readonly Redirect[]> {
  const answer = readable(answers, 0, rows);
  if (!answer.ok) return answer;
  const value = answer.value.map((row) => ({
    domain: row.domain,
    path: row.source ?? row.sourceurl ?? '/',
    to: row.destination ?? row.targeturl ?? '',
    permanent: row.type === 'permanent',
    wildcard: row.wildcard === 1,
  }));
  return { ok: true, value };
}

/** The one of a domain and path. */
export function redirectFor(
  list: readonly Redirect[],
  p: { readonly domain: string; readonly path: string },
): Redirect | undefined {
  return list.find((one) => one.domain === p.domain && one.path === p.path);
}
