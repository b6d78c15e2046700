/** The whole contract, in the order in which it is played: reads, then the life of a throw-away account. */
import type { Step } from './model.ts';
import { accountEnd, accountSteps } from './steps/accounts.ts';
import { archiveSteps } from './steps/archives.ts';
import { batchSteps } from './steps/batch.ts';
import { untried } from './steps/build.ts';
import { certificateSteps } from './steps/certificates.ts';
import { dkimSteps } from './steps/dkim.ts';
import { dnsSteps } from './steps/dns.ts';
import { dnssecSteps } from './steps/dnssec.ts';
import { domainSteps } from './steps/domains.ts';
import { errorAccountSteps, errorSteps, untriedSteps } from './steps/errors.ts';
import { fileSteps } from './steps/files.ts';
import { ftpSteps } from './steps/ftp.ts';
import { mailSteps } from './steps/mail.ts';
import { mailRuleSteps } from './steps/mail-rules.ts';
import { mysqlSteps } from './steps/mysql.ts';
import { packageEnd, packageInUse, packageSteps } from './steps/packages.ts';
import { postgresSteps } from './steps/postgres.ts';
import { limitSteps, resellerSteps } from './steps/resellers.ts';
import { serverSteps } from './steps/server.ts';
import { sessionAccountSteps, sessionSteps, suspendedLogin } from './steps/sessions.ts';
import { siteSteps } from './steps/sites.ts';
import { zeroAccountSteps, zeroSteps } from './steps/zero.ts';

/** What comes after a step of that id, while the account is in that state. */
function after(steps: readonly Step[], id: string, more: Step): readonly Step[] {
  return steps.flatMap((step) => (step.id === id ? [step, more] : [step]));
}

export const contract: readonly Step[] = [
  ...serverSteps,
  ...zeroSteps,
  ...batchSteps,
  ...errorSteps,
  ...sessionSteps,
  ...untriedSteps.map(([id, assumption, check, unsafe]) => untried(id, assumption, [check], unsafe)),
  ...archiveSteps,
  ...packageSteps,
  ...accountSteps,
  packageInUse,
  ...mailSteps,
  ...mailRuleSteps,
  ...domainSteps,
  ...dnsSteps,
  ...dkimSteps,
  ...dnssecSteps,
  ...certificateSteps,
  ...mysqlSteps,
  ...postgresSteps,
  ...ftpSteps,
  ...fileSteps,
  ...siteSteps,
  ...errorAccountSteps,
  ...zeroAccountSteps,
  ...sessionAccountSteps,
  ...resellerSteps,
  ...limitSteps,
  ...after(accountEnd, 'accounts.suspended-read', suspendedLogin),
  ...packageEnd,
];
