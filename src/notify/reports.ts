/** What an SMS gateway reports later, by a signed call-back, told to the role that sent the message. */
import type { NotifyConfig } from '../config-notify.ts';
import { readCallback } from './channels/twilio.ts';
import { readOutbox } from './outbox.ts';
import { leaveWord } from './words.ts';

/** True where a gateway is told to report to us. */
export function takesReports(config: NotifyConfig | undefined): config is NotifyConfig {
  return config?.sms.some((one) => one.kind === 'twilio' && one.callback !== undefined) ?? false;
}

/**
 * Takes one report. A message that was lost on the way is owed again by the role in whose folder it stands.
 * @returns False where no configured gateway signed it.
 */
export async function takeReport(
  config: NotifyConfig,
  folders: readonly string[],
  signature: string,
  form: Readonly<Record<string, string>>,
): Promise<boolean> {
  for (const gateway of config.sms) {
    if (gateway.kind !== 'twilio' || gateway.callback === undefined) continue;
    const report = readCallback(gateway, signature, form);
    if (report === undefined) continue;
    if (report.lost) await tell(folders, report.providerId, report.status);
    return true;
  }
  return false;
}

async function tell(folders: readonly string[], providerId: string, status: string): Promise<void> {
  for (const folder of folders) {
    const { sent } = await readOutbox(folder);
    if ([...sent.values()].some((one) => one.providerId === providerId))
      await leaveWord(folder, { kind: 'lost', providerId, status });
  }
}
