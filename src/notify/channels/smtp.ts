import { messageOf } from '../../errors.ts';
import { type SmtpSettings, smtpSender } from '../mailer.ts';
import { mailText } from '../text.ts';
import { type Channel, NotSent } from './channel.ts';

/** E-mail by SMTP. Messages of one event are one thread, in the reader's program. */
export function smtpChannel(settings: SmtpSettings): Channel {
  const { host } = settings;
  const post = smtpSender(settings);
  return {
    name: `e-mail by ${host}`,
    async send({ event, telling, contact, node, id }) {
      const { subject, body } = mailText(event, telling, node);
      const domain = /@([^@>\s]+)/.exec(settings.from)?.[1] ?? 'tandem.invalid';
      const idOf = (text: string): string => `<${Buffer.from(text).toString('hex').slice(-60)}@${domain}>`;
      const thread = idOf(`${event.key}|${event.at}`);
      try {
        const sent = await post({
          from: settings.from,
          to: contact.email,
          subject,
          text: body,
          messageId: idOf(`${id}|${event.at}|${node}`),
          references: thread,
          inReplyTo: thread,
          priority: event.severity === 'critical' ? 'high' : 'normal',
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { providerId: sent.messageId };
      } catch (error) {
        throw new NotSent(`the mail server ${host} did not take it: ${messageOf(error)}`);
      }
    },
  };
}
