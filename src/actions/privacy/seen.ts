import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, type Readable, readable } from '../answers.ts';
import * as f from '../fields.ts';

export const privacyFields = {
  account: f.account().meta({ label: 'Account' }),
  folder: f
    .homePath()
    .refine((value) => value !== '', 'must be a folder below the home folder')
    .meta({ label: 'Folder', placeholder: 'public_html/private' }),
} as const;

export const userField = f
  .line(64)
  .regex(/^[\w.@-]+$/, 'must be letters, digits and . @ _ -')
  .meta({ label: 'User name' });

const state = z.object({ protected: numeric, auth_name: z.string().nullish() });

/** How a folder is protected. */
export interface Protection {
  readonly on: boolean;
  readonly label: string;
}

export function lookAtProtection(account: string, folder: string): WhmCall {
  return uapi(account, 'DirectoryPrivacy::is_directory_protected', { dir: folder });
}

export function readProtection(answers: readonly Answer[]): Readable<Protection> {
  const answer = readable(answers, 0, state);
  if (!answer.ok) return answer;
  return { ok: true, value: { on: answer.value.protected === 1, label: answer.value.auth_name ?? '' } };
}

export function lookAtUsers(account: string, folder: string): WhmCall {
  return uapi(account, 'DirectoryPrivacy::list_users', { dir: folder });
}

export function readUsers(answers: readonly Answer[]): Readable<readonly string[]> {
  return readable(answers, 0, z.array(z.string()));
}
