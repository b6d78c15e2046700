/** The notifier as the configuration describes it. */
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { NotifyConfig, SmsGateway } from '../config-notify.ts';
import type { Logger } from '../log.ts';
import type { Channel } from './channels/channel.ts';
import { smstoolsChannel } from './channels/smstools.ts';
import { smtpChannel } from './channels/smtp.ts';
import { twilioChannel } from './channels/twilio.ts';
import { webhookChannel } from './channels/webhook.ts';
import type { ChannelKind } from './model.ts';
import { type Notifier, startNotifier } from './notifier.ts';
import type { PeerView } from './plan.ts';

export interface OpenOptions {
  readonly config: NotifyConfig;
  readonly node: string;
  readonly folder: string;
  readonly peer?: () => PeerView;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The folder of warnings below a role's own files: a worker's and a watcher's are two. */
export function notifyFolder(dir: string): string {
  return join(dir, 'notify');
}

/** Those of all roles that may run on one machine, by its state directory. */
export function notifyFolders(stateDir: string): readonly string[] {
  return [notifyFolder(stateDir), notifyFolder(join(stateDir, 'watch'))];
}

/** The ways of each kind, in the order of the configuration. Opens no connection. */
export function channelsOf(config: NotifyConfig, clock: Clock): Readonly<Record<ChannelKind, readonly Channel[]>> {
  const now = (): number => clock.now();
  const gateway = (one: SmsGateway): Channel =>
    one.kind === 'smstools' ? smstoolsChannel(one.spool) : twilioChannel(one, now);
  return {
    sms: config.sms.map(gateway),
    email: config.smtp === undefined ? [] : [smtpChannel(config.smtp)],
    webhook: [webhookChannel(now)],
  };
}

/** Starts the notifier of this node. Throws when its folder cannot be written. */
export function openNotifier({ config, clock, ...rest }: OpenOptions): Promise<Notifier> {
  const { contacts, repetition } = config;
  return startNotifier({ ...rest, clock, contacts, repetition, channels: channelsOf(config, clock) });
}
