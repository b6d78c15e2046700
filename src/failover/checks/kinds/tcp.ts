import { z } from 'zod';
import { port } from '../../../config-types.ts';
import { dial } from '../dial.ts';
import { type CheckKind, ok } from '../kind.ts';

const params = z.strictObject({ port });

/** Whether a port takes connections. */
export const tcp: CheckKind<z.output<typeof params>> = {
  kind: 'tcp',
  params,
  example: '{ id: https, kind: tcp, port: 443, vital: true }',
  port: (given) => given.port,
  run: (host, given, around) => dial({ host, port: given.port }, around, async () => ok(`port ${given.port} is open`)),
};
