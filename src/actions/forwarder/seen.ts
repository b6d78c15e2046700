import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { type Readable, readable } from '../answers.ts';
import * as f from '../fields.ts';

export const forwarderFields = {
  account: f.account().meta({ label: 'Account' }),
  address: f.mailbox().meta({ label: 'Address', input: 'email', help: 'Mail to this address is forwarded.' }),
  to: f.email().meta({ label: 'Forward to', input: 'email' }),
} as const;

interface Forwarder {
  readonly account: string;
  readonly address: string;
  readonly to: string;
}

/** `dest` is the address that gets the mail first, `forward` where it goes: cPanel's words. */
const row = z.object({ dest: z.string(), forward: z.string() });

export function lookAtForwarders(p: Forwarder): WhmCall {
  return uapi(p.account, 'Email::list_forwarders', { domain: f.halves(p.address).domain });
}

/** Whether the forwarder is there. */
export function readForwarder(p: Forwarder, answers: readonly Answer[]): Readable<boolean> {
  const answer = readable(answers, 0, z.array(row));
  if (!answer.ok) return answer;
  const found = answer.value.some(
    (r) => r.dest.toLowerCase() === p.address && r.forward.toLowerCase() === p.to.toLowerCase(),
  );
  return { ok: true, value: found };
}
