import { z } from 'zod';
import { numeric } from '../../actions/answers.ts';
import type { BatchAnswer } from '../../whm/batch.ts';
import { type WhmCall, whm } from '../../whm/call.ts';
import { type Kind, noRepair, type Value } from '../model.ts';
import { oneStep, seen, text, told, unread } from './reading.ts';

/** fetch_ssl_vhosts: each virtual host with what is told of its certificate. */
export const vhosts = z.object({
  vhosts: z.array(
    z.object({
      servername: z.string(),
      user: z.string(),
      crt: z.object({
        id: z.string(),
        not_after: numeric,
        domains: z.array(z.string()),
        'issuer.commonName': z.string().nullish(),
      }),
    }),
  ),
});

export const askCertificates = () => whm('fetch_ssl_vhosts');

/** Certificate, key and chain of one virtual host. The key is a secret. */
export function componentsCall(domain: string): WhmCall {
  return whm('fetchsslinfo', { domain });
}

const components = z.object({ crt: z.string(), key: z.string(), cab: z.string().nullish() });

/** What `componentsCall` told, ready for certificate.install; undefined: no certificate, or its key is not there. */
export function componentsOf(answer: BatchAnswer | undefined): z.output<typeof components> | undefined {
  const parsed = answer?.ok === true ? components.safeParse(answer.data) : undefined;
  return parsed?.success === true && parsed.data.crt !== '' && parsed.data.key !== '' ? parsed.data : undefined;
}

/** Unix seconds as a date: RFC 3339 without the time zone's letters, always UTC. */
export function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}

/** Certificates, one for each virtual host, over the whole server in one call. */
export const certificateKind: Kind = {
  id: 'certificate',
  title: 'Certificates',
  scope: 'server',
  rank: 90,
  rounds: [() => [askCertificates()]],
  read(_account, answers) {
    const read = told(answers, askCertificates(), vhosts);
    if ('reason' in read) return unread(read.reason);
    return seen(
      read.value.vhosts.map((v): [string, Value] => [
        v.servername,
        {
          account: v.user,
          certificate: v.crt.id,
          until: day(v.crt.not_after),
          names: [...v.crt.domains].sort().join(', '),
          issuer: v.crt['issuer.commonName'] ?? '',
        },
      ]),
    );
  },
  accountOf: (value) => value['account'],
  touched: (action, p) => (action === 'certificate.install' ? text(p['domain']) : undefined),
  fetch: ({ name, from }) => (from.value === undefined ? [] : [componentsCall(name)]),
  repair(input) {
    const { name: domain, from } = input;
    if (from.value === undefined)
      return noRepair(
        'A certificate is not taken away by a repair: the site would lose its encryption. Follow the other master.',
      );
    const found = componentsOf(input.fetched[0]);
    if (found === undefined) return noRepair('The certificate cannot be read with its key on the master that has it.');
    const params = {
      account: from.value['account'],
      domain,
      certificate: found.crt,
      key: found.key,
      ...(found.cab ? { chain: found.cab } : {}),
    };
    return oneStep(
      input,
      'certificate.install',
      params,
      `Install the certificate of ${domain} that ends ${from.value['until'] ?? ''} UTC`,
    );
  },
};
