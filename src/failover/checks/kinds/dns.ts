import { Resolver } from 'node:dns/promises';
import { z } from 'zod';
import { port, text } from '../../../config-types.ts';
import { type CheckKind, critical, ok } from '../kind.ts';

const params = z.strictObject({
  name: text,
  type: z.enum(['A', 'AAAA', 'MX', 'NS', 'TXT', 'CNAME']).default('A'),
  port: port.default(53),
  /** One of the answers must be this; without it any answer will do. */
  expect: text.optional(),
});

type Params = z.output<typeof params>;

async function answers(resolver: Resolver, { name, type }: Params): Promise<readonly string[]> {
  switch (type) {
    case 'MX':
      return (await resolver.resolveMx(name)).map((one) => one.exchange);
    case 'TXT':
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
    case 'A':
      return resolver.resolve4(name);
    case 'AAAA':
      return resolver.resolve6(name);
    case 'NS':
      return resolver.resolveNs(name);
    case 'CNAME':
      return resolver.resolveCname(name);
  }
}

/** A name server that says no is there; these mean that it serves the name wrongly. */
const wrong: Readonly<Record<string, string>> = {
  ENOTFOUND: 'says that the name does not exist',
  ENODATA: 'has no such record',
  ESERVFAIL: 'cannot answer (SERVFAIL)',
  EREFUSED: 'refuses to answer',
};

/** Whether a name server answers a name, and with what. */
export const dns: CheckKind<Params> = {
  kind: 'dns',
  params,
  example: '{ id: dns, kind: dns, name: www.example.com, type: A }',
  port: (given) => given.port,
  async run(host, given, around) {
    const resolver = new Resolver({ timeout: around.timeoutMs, tries: 1 });
    resolver.setServers([host.includes(':') ? `[${host}]:${given.port}` : `${host}:${given.port}`]);
    const cancel = (): void => resolver.cancel();
    around.signal.addEventListener('abort', cancel, { once: true });
    try {
      const found = await answers(resolver, given);
      if (given.expect !== undefined && !found.includes(given.expect)) {
        return critical(`answers ${found.join(', ')}, not ${given.expect}`);
      }
      return ok(`${given.name} is ${found.join(', ')}`);
    } catch (error) {
      const said = error instanceof Error && 'code' in error ? wrong[String(error.code)] : undefined;
      if (said === undefined) throw error;
      return critical(`${given.name}: ${said}`);
    } finally {
      around.signal.removeEventListener('abort', cancel);
    }
  },
};
