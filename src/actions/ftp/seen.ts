import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { type Readable, readable } from '../answers.ts';
import * as f from '../fields.ts';

export const ftpFields = {
  account: f.account().meta({ label: 'Account' }),
  login: f.local().meta({ label: 'Login', placeholder: 'upload', help: 'The part before the @.' }),
  domain: f.domain().meta({ label: 'Domain' }),
} as const;

interface Login {
  readonly login: string;
  readonly domain: string;
}

const row = z.object({
  login: z.string(),
  serverlogin: z.string().nullish(),
  accttype: z.string().nullish(),
  dir: z.string().nullish(),
  diskquota: z.union([z.string(), z.number()]).nullish(),
});

/** An FTP account as list_ftp_with_disk shows it. */
export type FtpAccount = z.output<typeof row>;

export function lookAtFtp(account: string): WhmCall {
  return uapi(account, 'Ftp::list_ftp_with_disk');
}

/** The FTP account, or undefined inside a readable answer. The login is listed with or without its domain. */
export function readFtp(answers: readonly Answer[], p: Login): Readable<FtpAccount | undefined> {
  const answer = readable(answers, 0, z.array(row));
  if (!answer.ok) return answer;
  const whole = `${p.login}@${p.domain}`;
  const found = answer.value.find((one) => {
    if (one.accttype === 'main' || one.accttype === 'logaccess') return false;
    return (one.serverlogin ?? one.login).toLowerCase() === whole || one.login.toLowerCase() === whole;
  });
  return { ok: true, value: found };
}

/** Quotas are listed in MB with decimals, rounded through bytes; anything that is no number means no limit. */
export function hasQuota(found: FtpAccount, quotaMb: number | 'unlimited' | undefined): boolean {
  if (quotaMb === undefined) return true;
  const listed = Number(found.diskquota);
  const endless = Number.isNaN(listed) || listed === 0;
  return quotaMb === 'unlimited' ? endless : !endless && Math.abs(listed - quotaMb) < 1;
}

/** Where the login lands, as the list shows it. */
export function hasFolder(found: FtpAccount, folder: string | undefined): boolean {
  if (folder === undefined || typeof found.dir !== 'string') return true;
  return found.dir.replace(/\/+$/, '').endsWith(`/${folder}`);
}

/** WHM counts MB, and 0 is no limit. */
export function asMb(quotaMb: number | 'unlimited' | undefined): number | undefined {
  return quotaMb === 'unlimited' ? 0 : quotaMb;
}

export function noFtp(p: Login): string {
  return `The FTP account “${p.login}@${p.domain}” does not exist.`;
}
