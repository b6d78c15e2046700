/** A passkey at the second step and at a step up: the question stands with the field, its answer comes in the field. */
import type { Request } from 'express';
import type { PasskeyQuestion } from '../../auth/passkeys.ts';
import type { CodeCheck } from '../../auth/second-factor.ts';
import type { PortalParts } from './deps.ts';

declare module 'express-session' {
  interface SessionData {
    /** The newest question that a page asked of the browser's passkeys. Good once. */
    passkey?: { readonly challenge: string; readonly at: number };
  }
}

/** So long a browser may take, milliseconds. */
const answerMs = 5 * 60_000;

/** Keeps the question for its answer; gives the options for the page. */
export function asked(parts: PortalParts, request: Request, { options, challenge }: PasskeyQuestion): string {
  request.session.passkey = { challenge, at: parts.clock() };
  return options;
}

/** The challenge that was asked last, which is spent by this; undefined: none, or too long ago. */
export function spentChallenge(parts: PortalParts, request: Request): string | undefined {
  const { passkey } = request.session;
  delete request.session.passkey;
  return passkey !== undefined && parts.clock() - passkey.at < answerMs ? passkey.challenge : undefined;
}

/** What a page asks of the person's passkeys; '' where there is none. */
export async function passkeyOptions(parts: PortalParts, request: Request, person: string): Promise<string> {
  if (parts.passkeySite === undefined) return '';
  const question = await parts.auth.passkeys.ask(parts.passkeySite, person);
  return question === undefined ? '' : asked(parts, request, question);
}

/** A code is digits or letters; what a passkey signed is JSON. */
export function isPasskeyAnswer(typed: string): boolean {
  return typed.startsWith('{');
}

/** What became of a code, or of what a passkey signed in its place. */
export async function factorCheck(
  parts: PortalParts,
  request: Request,
  person: string,
  typed: string,
): Promise<CodeCheck> {
  const address = request.ip ?? '';
  if (parts.passkeySite === undefined || !isPasskeyAnswer(typed))
    return parts.auth.secondFactor.check(person, typed.slice(0, 64), address);
  const answered = { challenge: spentChallenge(parts, request), answer: typed, address };
  return parts.auth.passkeys.check(parts.passkeySite, person, answered);
}
