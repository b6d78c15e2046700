import { z } from 'zod';
import { type WhmCall, whm } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { limitText, numeric, present } from '../answers.ts';

/** An account as accountsummary and listaccts show it; only what actions compare. */
const row = z.object({
  user: z.string(),
  domain: z.string(),
  owner: z.string(),
  plan: z.string(),
  email: z.string(),
  uid: numeric,
  suspended: z.union([numeric.transform((n) => n === 1), z.boolean()]),
  shell: z.string().nullish(),
  theme: z.string().nullish(),
  disklimit: limitText.optional(),
  maxpop: limitText.optional(),
  maxftp: limitText.optional(),
  maxsql: limitText.optional(),
  maxsub: limitText.optional(),
  maxlst: limitText.optional(),
  maxparked: limitText.optional(),
  maxaddons: limitText.optional(),
});

export type Account = z.output<typeof row>;

const summary = z.object({ acct: z.array(row) });

export function lookAtAccount(user: string): WhmCall {
  return whm('accountsummary', { user });
}

/** undefined: this master has no such account. Its sentence is the only sign, on every version. */
export function readAccount(answers: readonly Answer[], index: number): Account | undefined {
  return present(answers, index, summary, /does not exist|no accounts? found|not an account/i)?.acct[0];
}

export function noAccount(user: string): string {
  return `Sorry, the user ${user} does not exist.`;
}

const packages = z.object({ pkg: z.array(z.looseObject({ name: z.string() })) });

/** WHM's sentence when a package is not in the answer to listpkgs; undefined when it is, or when that was not told. */
export function lacksPackage(answer: Answer | undefined, plan: string): string | undefined {
  if (answer === undefined) return undefined;
  if (!answer.ok) return answer.reason;
  const parsed = packages.safeParse(answer.data);
  if (!parsed.success || parsed.data.pkg.some((pkg) => pkg.name === plan)) return undefined;
  return `Sorry, "${plan}" is not a valid package name.`;
}
