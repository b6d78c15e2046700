/** Certificates, keys and virtual hosts as the APIs show them. */
import type { Context } from '../handler.ts';
import { accounts, domains } from '../tables.ts';
import { type CertificateFacts, type KeyFacts, readCertificate, readKey } from './ssl-parse.ts';
import { type Installed, namesOfHost, type SslHost, type StoredCertificate, type StoredKey } from './ssl-store.ts';

type Row = Readonly<Record<string, unknown>>;

const LONG: Readonly<Record<string, string>> = {
  C: 'countryName',
  ST: 'stateOrProvinceName',
  L: 'localityName',
  O: 'organizationName',
  CN: 'commonName',
  emailAddress: 'emailAddress',
};

function textOf(names: ReadonlyMap<string, string>): string {
  return [...names].map(([name, value]) => `${LONG[name] ?? name}\n${value}`).join('\n');
}

/** 'commonName' → value, for the nested form. */
export function longNames(names: ReadonlyMap<string, string>): Row {
  return Object.fromEntries([...names].map(([name, value]) => [LONG[name] ?? name, value]));
}

function keyFields(key: KeyFacts): Row {
  return {
    ecdsa_curve_name: key.curve,
    ecdsa_public: key.ecPublic,
    key_algorithm: key.algorithm,
    modulus: key.modulus,
    modulus_length: key.modulusLength,
  };
}

/** What is told of a certificate everywhere. */
export function certificateFields(facts: CertificateFacts): Row {
  return {
    domains: facts.domains,
    ...keyFields(facts.key),
    id: facts.id,
    is_self_signed: facts.selfSigned ? 1 : 0,
    'issuer.commonName': facts.issuer.get('CN') ?? null,
    'issuer.organizationName': facts.issuer.get('O') ?? null,
    issuer_text: textOf(facts.issuer),
    not_after: facts.notAfter,
    not_before: facts.notBefore,
    serial: facts.serial,
    signature_algorithm: facts.signature,
    'subject.commonName': facts.subject.get('CN') ?? facts.domains[0] ?? null,
    subject_text: textOf(facts.subject),
    validation_type: facts.selfSigned ? null : 'dv',
  };
}

/** A row of list_certs. */
export function certificateRow(context: Context, stored: StoredCertificate): Row {
  const facts = readCertificate(stored.crt);
  const isHere = facts.domains.some((d) => context.state.of(domains).has(d));
  return {
    ...certificateFields(facts),
    created: stored.created,
    domain_is_configured: isHere ? 1 : 0,
    friendly_name: stored.friendlyName,
  };
}

/** A row of list_keys. */
export function keyRow(stored: StoredKey): Row {
  return {
    created: stored.created,
    friendly_name: stored.friendlyName,
    id: stored.id,
    ...keyFields(readKey(stored.key)),
  };
}

/** What a virtual host is, beside its certificate. */
export function hostFields(context: Context, host: SslHost): Row {
  const ip = context.state.of(accounts).get(host.user)?.ip ?? '';
  return {
    docroot: context.state.of(domains).get(host.domain)?.docroot ?? '',
    domains: namesOfHost(context, host.domain),
    ip,
    is_primary_on_ip: 0,
    mail_sni_status: 1,
    needs_sni: 1,
    servername: host.domain,
  };
}

/** The answer of an installation. */
export function installedFields({ account, host, isUpdate, working, warning, extra }: Installed): Row {
  const how = isUpdate ? 'The existing virtual host was updated with the new certificate.' : '';
  const installed = `The SSL certificate is now installed onto the domain "${host.domain}" using the IP address "${account.ip}".`;
  const message = [installed, how, 'Apache is restarting in the background.'].filter((part) => part !== '').join('\n');
  return {
    action: isUpdate ? 'update' : 'install',
    domain: host.domain,
    extra_certificate_domains: extra,
    html: message,
    ip: account.ip,
    message,
    statusmsg: message,
    user: account.user,
    warning_domains: warning,
    working_domains: working,
  };
}
