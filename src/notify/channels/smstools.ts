import { randomBytes } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { smsLength } from '../gsm.ts';
import { smsText } from '../text.ts';
import { type Channel, NotSent } from './channel.ts';

/**
 * Text messages by an own modem: a file in the outgoing spool of smstools (smsd). When the network is what failed, every
 * gateway is out of reach.
 * Source: smstools3, "SMS file format": header lines, an empty line, the text; `Alphabet: UCS2` means UTF-16BE text.
 */
export function smstoolsChannel(spool: string): Channel {
  return {
    name: `sms by the modem at ${spool}`,
    async send({ event, telling, contact, node, id }) {
      const text = smsText(event, telling, node);
      const ucs2 = smsLength(text).alphabet === 'ucs2';
      // smsd wants the number without the plus.
      const head = `To: ${(contact.sms ?? '').replace(/^\+/, '')}\n${ucs2 ? 'Alphabet: UCS2\n' : 'Alphabet: UTF-8\n'}\n`;
      const body = ucs2 ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'utf8');
      const name = `tandem-${Buffer.from(id).toString('hex').slice(-24)}-${randomBytes(4).toString('hex')}`;
      try {
        // smsd takes every file that it sees: it appears whole, under its name, or not at all.
        const beside = join(spool, `${name}.LOCK`);
        const handle = await open(beside, 'wx', 0o660);
        try {
          await handle.writeFile(Buffer.concat([Buffer.from(head), body]));
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(beside, join(spool, name));
      } catch (error) {
        throw new NotSent(`the modem's spool ${spool} cannot be written: ${messageOf(error)}`, { cause: error });
      }
      return { providerId: name };
    },
  };
}
