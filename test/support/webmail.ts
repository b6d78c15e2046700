/** Webmail over two simulated masters with real Dovecots, and Roundcube behind PHP's process manager. */
import { type Php, startPhp, whyNoRoundcube } from '../../src/roles/demo/php.ts';
import { whyNoMail } from '../../src/simulator/mail/index.ts';
import type { PairOptions } from './pair.ts';
import { freePort } from './processes.ts';

export const mailMaster = { user: 'tandem', password: 'Opens-every-mailbox-9' } as const;

/** Why webmail cannot be tested here. */
export function noWebmail(): string | undefined {
  return whyNoRoundcube() ?? whyNoMail('/tmp');
}

export interface WebmailStage {
  readonly options: PairOptions;
  readonly port: number;
  readonly php: Php;
}

/** Starts PHP, and says how the pair is to be started so that it has mail. */
export async function webmailStage(): Promise<WebmailStage> {
  const [php, port] = await Promise.all([startPhp(), freePort()]);
  return {
    php,
    port,
    options: {
      simulator: { mail: { master: mailMaster } },
      config: {
        webmail: { port, php: php.socket, masterUser: mailMaster.user, masterPassword: mailMaster.password },
      },
    },
  };
}
