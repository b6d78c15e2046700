import { z } from 'zod';
import { uapi, whm } from '../../whm/call.ts';
import { type Readable, readable, when } from '../answers.ts';
import { apply, define, exclusive, settled } from '../define.ts';
import * as f from '../fields.ts';
import { wordedAs } from '../raw.ts';

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  domain: f.domain().meta({ label: 'Domain', help: 'The virtual host that it is installed on.' }),
  certificate: f.pem('CERTIFICATE', 1).meta({ label: 'Certificate', input: 'textarea' }),
  key: f.pem('PRIVATE KEY', 1).meta({ label: 'Private key', secret: true, input: 'textarea' }),
  chain: f.pem('CERTIFICATE', 10).optional().meta({ label: 'Chain', input: 'textarea', help: 'CA bundle.' }),
});

const hosts = z.array(z.object({ servername: z.string(), certificate_text: z.string().nullish() }));

/** PEM without what differs between writers: line breaks. */
function bare(pem: string): string {
  return pem.replace(/\s+/g, '');
}

/** One certificate with its key on a virtual host of every master. */
export const installCertificate = define({
  id: 'certificate.install',
  title: 'Install certificate',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  proof: 'look',
  longestSeconds: 300,
  covers: {
    'SSL::install_ssl': (raw) =>
      wordedAs(raw, {
        names: { 'cpanel.user': 'account', domain: 'domain', cert: 'certificate', key: 'key', cabundle: 'chain' },
      }),
  },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`), exclusive(`domain:${p.domain}`)],
  observe: (p) => [uapi(p.account, 'SSL::installed_hosts')],
  read(p, answers): Readable<string | undefined> {
    const answer = readable(answers, 0, hosts);
    if (!answer.ok) return answer;
    return { ok: true, value: answer.value.find((h) => h.servername === p.domain)?.certificate_text ?? undefined };
  },
  plan: (p, seen) =>
    when(seen, (installed) =>
      installed !== undefined && bare(installed) === bare(p.certificate)
        ? settled
        : apply(whm('installssl', { domain: p.domain, crt: p.certificate, key: p.key, cab: p.chain })),
    ),
});
