/** The step up: before what cannot be taken back, people show once more that they are who signed in. */
import type { Request } from 'express';
import type { Issue } from '../../errors.ts';
import type { PortalParts } from './deps.ts';
import { factorCheck, passkeyOptions } from './passkey.ts';
import type { FormField } from './present/form.ts';

/** So long a sign-in or an earlier step up is enough, milliseconds. */
export const sureMs = 10 * 60_000;

function isFresh(parts: PortalParts, request: Request): boolean {
  const { sureAt } = request.session;
  return sureAt !== undefined && parts.clock() - sureAt < sureMs;
}

/** The field that asks for it; undefined while it is not needed. */
export async function sureField(parts: PortalParts, request: Request): Promise<FormField | undefined> {
  const name = request.user?.name;
  if (name === undefined || isFresh(parts, request)) return undefined;
  const { active } = await parts.auth.secondFactor.state(name);
  return {
    name: 'sure',
    label: parts.say(active ? 'sure.code' : 'sure.password'),
    help: parts.say('sure.why'),
    input: active ? 'text' : 'password',
    required: true,
    passkey: active ? await passkeyOptions(parts, request, name) : '',
  };
}

/** Whether the request may go on: undefined, or what to say at the field `sure`. */
export async function sureIssue(parts: PortalParts, request: Request): Promise<Issue | undefined> {
  const name = request.user?.name;
  if (name === undefined || isFresh(parts, request)) return undefined;
  const given: unknown = request.body?.['sure'];
  const typed = typeof given === 'string' ? given : '';
  const kind = typed === '' ? 'wrong' : await checked(parts, request, name, typed);
  if (kind === 'right') {
    request.session.sureAt = parts.clock();
    return undefined;
  }
  return { path: 'sure', message: parts.say(kind === 'wait' ? 'sure.wait' : 'sure.wrong') };
}

async function checked(parts: PortalParts, request: Request, name: string, typed: string): Promise<string> {
  const { active } = await parts.auth.secondFactor.state(name);
  if (active) return (await factorCheck(parts, request, name, typed)).kind;
  return parts.auth.passwordCheck({ name, password: typed.slice(0, 256), address: request.ip ?? '' });
}
