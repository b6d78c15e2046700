import { z } from 'zod';
import { port } from '../../../config-types.ts';
import { dial } from '../dial.ts';
import { type CheckKind, critical, type Finding, ok } from '../kind.ts';

const params = z.strictObject({ port: port.default(3306) });

/** A packet: 3 bytes of length, 1 of number, then its content. */
const header = 4;

function whole(bytes: Buffer): boolean {
  return bytes.length >= header && bytes.length >= header + bytes.readUIntLE(0, 3);
}

/** ER_HOST_NOT_PRIVILEGED: it serves, but not this machine. */
const notForUs = 1130;

function read(packet: Buffer): Finding {
  const kind = packet[header];
  if (kind === 0xff && packet.length >= header + 3) {
    const code = packet.readUInt16LE(header + 1);
    const text = packet.subarray(header + 3).toString('latin1');
    return code === notForUs ? ok('answers, though not to this machine') : critical(`error ${code}: ${text}`);
  }
  if (kind !== 10) return critical(`greets with protocol ${kind}, which is not that of MySQL`);
  const end = packet.indexOf(0, header + 1);
  return ok(`version ${packet.subarray(header + 1, end < 0 ? undefined : end).toString('latin1')}`);
}

/** Whether MySQL or MariaDB greets. Says nothing that would count as a failed sign-in. */
export const mysql: CheckKind<z.output<typeof params>> = {
  kind: 'mysql',
  params,
  example: '{ id: mysql, kind: mysql }',
  port: (given) => given.port,
  run: (host, given, around) => dial({ host, port: given.port }, around, async (line) => read(await line.read(whole))),
};
