/** Certificates: one that is installed is shown as it was given. */
import { whm } from '../../whm/call.ts';
import type { Step } from '../model.ts';
import { at, does, makes, reads } from './build.ts';

/** PEM without what differs between writers. */
function bare(pem: unknown): string {
  return String(pem).replace(/\s+/g, '');
}

export const certificateSteps: readonly Step[] = [
  reads({
    id: 'certificates.runs',
    assumption:
      'get_autossl_logs_catalog lists the runs of AutoSSL as payload: a new run is a new line, or a later start.',
    call: () => whm('get_autossl_logs_catalog'),
    facts: (data) => ({ list: Array.isArray(at(data, 'payload')) }),
    expect: { list: true },
  }),
  does({
    id: 'certificates.install',
    assumption: 'installssl takes a certificate with its key, and installed_hosts shows it as it was given.',
    action: 'certificate.install',
    params: (v) => ({ account: v.user, domain: v.domain, certificate: v.certificate, key: v.certificateKey }),
    expect: { again: 'settled' },
  }),
  makes({
    id: 'certificates.fetch',
    assumption: 'fetchsslinfo gives certificate and key of a domain, so that the other master can have the same.',
    call: (v) => whm('fetchsslinfo', { domain: v.domain }),
    facts: (data, v) => ({
      same: bare(at(data, 'crt')) === bare(v.certificate) && bare(at(data, 'key')) === bare(v.certificateKey),
    }),
  }),
];
