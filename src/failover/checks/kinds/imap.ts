import { z } from 'zod';
import { port } from '../../../config-types.ts';
import { dial } from '../dial.ts';
import { type CheckKind, critical, ok } from '../kind.ts';

const params = z
  .strictObject({ port: port.optional(), tls: z.boolean().default(false) })
  .transform(({ port: given, tls }) => ({ tls, port: given ?? (tls ? 993 : 143) }));

/** Whether an IMAP server greets (RFC 9051 section 7.1: OK, PREAUTH, or BYE when it does not want us). */
export const imap: CheckKind<z.output<typeof params>> = {
  kind: 'imap',
  params,
  example: '{ id: imap, kind: imap, tls: true }',
  port: (given) => given.port,
  run: (host, given, around) =>
    dial({ host, ...given }, around, async (line) => {
      const greeting = (await line.read((bytes) => bytes.includes('\n'))).toString('latin1');
      line.write('a LOGOUT\r\n');
      return /^\* (OK|PREAUTH)\b/i.test(greeting) ? ok(greeting) : critical(`greets with ${greeting}`);
    }),
};
