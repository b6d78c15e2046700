import { z } from 'zod';
import { port } from '../../../config-types.ts';
import { dial } from '../dial.ts';
import { type CheckKind, critical, type Finding, ok } from '../kind.ts';

const params = z.strictObject({ port: port.default(5432) });

/** The first message of a session (PostgreSQL, 55.2.1), for a role that nobody has. */
function startup(): string {
  const words = ['user', 'tandem', 'database', 'postgres', '', ''].join('\0');
  const message = Buffer.alloc(8 + Buffer.byteLength(words));
  message.writeInt32BE(message.length, 0);
  message.writeInt32BE(196_608, 4);
  message.write(words, 8, 'latin1');
  return message.toString('latin1');
}

/** A message: a letter, its length without the letter, its content. */
function whole(bytes: Buffer): boolean {
  // Another letter is another protocol, whose lengths mean nothing.
  if (bytes.length > 0 && !'RE'.includes(String.fromCharCode(bytes[0] ?? 0))) return true;
  return bytes.length >= 5 && bytes.length >= 1 + bytes.readInt32BE(1);
}

/** It serves, but not this machine, role or database. */
const notForUs = new Set(['28000', '28P01', '3D000', '42501']);

function read(message: Buffer): Finding {
  const letter = String.fromCharCode(message[0] ?? 0);
  // It asks who this is, or lets everybody in.
  if (letter === 'R') return ok('asks who signs in');
  if (letter !== 'E') return critical(`answers with ${JSON.stringify(letter)}, which is not that of PostgreSQL`);
  const fields = message
    .subarray(5, 1 + message.readInt32BE(1))
    .toString('latin1')
    .split('\0');
  const field = (name: string): string => fields.find((one) => one.startsWith(name))?.slice(1) ?? '';
  return notForUs.has(field('C'))
    ? ok('answers, though not to this machine')
    : critical(`${field('C')}: ${field('M')}`);
}

/** Whether PostgreSQL takes sessions. Hangs up before it signs in. */
export const postgres: CheckKind<z.output<typeof params>> = {
  kind: 'postgres',
  params,
  example: '{ id: postgres, kind: postgres }',
  port: (given) => given.port,
  run: (host, given, around) =>
    dial({ host, port: given.port }, around, async (line) => {
      line.write(startup());
      return read(await line.read(whole));
    }),
};
