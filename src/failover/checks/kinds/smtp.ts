import { z } from 'zod';
import { port } from '../../../config-types.ts';
import { dial } from '../dial.ts';
import { type CheckKind, critical, ok } from '../kind.ts';

const params = z.strictObject({ port: port.default(25), tls: z.boolean().default(false) });

/** The last line of a reply: three digits and a space (RFC 5321 section 4.2.1). */
const reply = /^(\d{3}) .*\r?\n/m;

/** Whether a mail server greets. */
export const smtp: CheckKind<z.output<typeof params>> = {
  kind: 'smtp',
  params,
  example: '{ id: smtp, kind: smtp, vital: true }',
  port: (given) => given.port,
  run: (host, given, around) =>
    dial({ host, ...given }, around, async (line) => {
      const greeting = (await line.read((bytes) => reply.test(bytes.toString('latin1')))).toString('latin1');
      line.write('QUIT\r\n');
      const code = reply.exec(greeting)?.[1];
      return code === '220' ? ok(greeting) : critical(`greets with ${greeting}`);
    }),
};
